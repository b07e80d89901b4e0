// SPDX-License-Identifier: MIT
// conformance [--gate=syn | --network=sim [--seed=N]] [--sends=acknowledged]: the tests, with the
// gate that needs no privileges; with the SYN gate in a network namespace of its own; or in the
// simulation; and with sends that complete when they are acknowledged.
#include <gtest/gtest.h>
#include <openwsk/process.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/own_network.h"
#include "conformance/status_names.h"
#include "conformance/tested.h"

namespace owsk::conformance {
namespace {

constexpr int exit_usage = 2;
constexpr int exit_skipped = 77;
constexpr auto seed_setting = "OWSK_TEST_SEED";

bool read_seed(const char* text, const char* where) {
    char* end = nullptr;
    errno = 0;
    tested_seed = std::strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0) {
        return true;
    }
    std::fprintf(stderr,
                 "conformance: %s: \"%s\" is no seed; it has to be a number from 0 to "
                 "18446744073709551615\n",
                 where,
                 text);
    return false;
}

bool read_argument(const char* argument) {
    constexpr std::string_view seed = "--seed=";
    const std::string_view text = argument;
    if (text == "--gate=syn") {
        tested_gate = GateMode::strict;
        return true;
    }
    if (text == "--network=sim") {
        tested_network = TestedNetwork::simulated;
        return true;
    }
    if (text == "--sends=acknowledged") {
        tested_sends = SendCompletion::acknowledged;
        return true;
    }
    if (text.starts_with(seed)) {
        return read_seed(argument + seed.size(), "--seed");
    }
    std::fprintf(stderr,
                 "conformance: unknown argument \"%s\"; there are --gate=syn, --network=sim, "
                 "--sends=acknowledged, --seed=NUMBER and those of GoogleTest (--help)\n",
                 argument);
    return false;
}

bool read_command_line(int argc, char** argv) {
    const char* const seed = std::getenv(seed_setting);
    if (seed != nullptr && !read_seed(seed, seed_setting)) {
        return false;
    }
    for (int i = 1; i < argc; ++i) {
        if (!read_argument(argv[i])) {
            return false;
        }
    }
    if (tested_network == TestedNetwork::simulated && tested_gate == GateMode::strict) {
        std::fputs("conformance: --gate=syn is a gate of Linux; leave it or --network=sim out\n",
                   stderr);
        return false;
    }
    return true;
}

// Says after each failed test of the simulation how to see it again. A repeated run
// (--gtest_repeat) takes the next seed each time.
class Replay final : public testing::EmptyTestEventListener {
  public:
    explicit Replay(std::string program) : program_(std::move(program)) {}

    void OnTestIterationStart(const testing::UnitTest&, int iteration) override {
        tested_seed = first_ + static_cast<std::uint64_t>(iteration);
    }
    void OnTestStart(const testing::TestInfo& test) override {
        replay_line = program_ + " --network=sim --seed=" + std::to_string(tested_seed) +
                      " --gtest_filter=" + test.test_suite_name() + "." + test.name();
    }
    void OnTestEnd(const testing::TestInfo& test) override {
        if (test.result()->Failed()) {
            std::printf("replay: %s\n", replay_line.c_str());
        }
    }

  private:
    const std::string program_;
    const std::uint64_t first_ = tested_seed;
};

int run(int argc, char** argv) {
    // GoogleTest takes its own arguments away; a second start of the program needs them too.
    std::vector<char*> all(argv, argv + argc + 1);
    testing::InitGoogleTest(&argc, argv);
    if (!read_command_line(argc, argv)) {
        return exit_usage;
    }
    const bool only_lists = testing::GTEST_FLAG(list_tests);
    if (tested_gate == GateMode::strict && !only_lists) {
        const OwnNetwork network = enter_own_network(all.data());
        if (network != OwnNetwork::entered) {
            return network == OwnNetwork::not_allowed ? exit_skipped : 1;
        }
    }
    raise_descriptor_limit();
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    listeners.Append(new StatusNames);
    if (tested_network == TestedNetwork::simulated) {
        listeners.Append(new Replay(all[0]));
    }
    return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace owsk::conformance

int main(int argc, char** argv) {
    return owsk::conformance::run(argc, argv);
}
