// SPDX-License-Identifier: MIT
// Plays scenarios, each with one seed or with many. The first run that goes wrong ends the program,
// with the line that replays it.
#include <openwsk/process.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "simulation/arguments.h"
#include "simulation/run.h"
#include "simulation/scenario.h"

namespace owsk::scenarios {
namespace {

constexpr const char* help =
    "simulation [--scenario NAME] [--seed N | --seeds FROM-TO] [--trace] [--capture FILE]\n"
    "           [--digest] [--list]\n"
    "\n"
    "Plays all scenarios, or one, with the seed 1, or those that are named.\n"
    "  --trace         prints every event with its virtual time\n"
    "  --capture FILE  writes the packets of one run, for Wireshark\n"
    "  --digest        prints a number for each run that stands for its event log\n"
    "  --list          prints what each scenario is about\n"
    "A run that goes wrong ends the program with the status 1 and the command that replays it.\n";

void play(const Scenario& scenario,
          const Arguments& arguments,
          std::uint64_t seed,
          const char* program) {
    Run run({.seed = seed,
             .name = scenario.name,
             .replay = std::string(program) + " --scenario " + scenario.name + " --seed " +
                       std::to_string(seed),
             .capture = arguments.capture,
             .trace = arguments.trace ? stdout : nullptr,
             .keep_journal = arguments.digest});
    scenario.play(run);
    if (arguments.digest) {
        std::printf("%s %" PRIu64 " %016" PRIx64 "\n", scenario.name, seed, run.digest());
    }
}

void list() {
    for (const Scenario& scenario : all_scenarios()) {
        std::printf("%-22s %s\n", scenario.name, scenario.about);
    }
}

// The exit status: a trace or a digest that is not there must not look like one that is.
int ending() {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
        return 0;
    }
    std::fprintf(stderr,
                 "simulation: standard output could not be written: %s\n",
                 std::strerror(errno != 0 ? errno : EIO));
    return 1;
}

int main(int count, const char* const* values) {
    ArgumentRules rules = {"simulation", "scenario", {}, help};
    for (const Scenario& scenario : all_scenarios()) {
        rules.names.emplace_back(scenario.name);
    }
    int status = 0;
    const std::optional<Arguments> arguments = parse_arguments(count, values, rules, status);
    if (!arguments.has_value()) {
        return status;
    }
    if (arguments->list) {
        list();
        return ending();
    }
    for (const Scenario& scenario : all_scenarios()) {
        if (!arguments->name.empty() && arguments->name != scenario.name) {
            continue;
        }
        for (std::uint64_t seed = arguments->first_seed;; ++seed) {
            play(scenario, *arguments, seed, values[0]);
            if (seed == arguments->last_seed) {
                break;
            }
        }
        if (!arguments->digest && !arguments->trace) {
            std::printf("%s: seeds %" PRIu64 "-%" PRIu64 " went well\n",
                        scenario.name,
                        arguments->first_seed,
                        arguments->last_seed);
            std::fflush(stdout);
        }
    }
    return ending();
}

}  // namespace
}  // namespace owsk::scenarios

int main(int count, char** values) {
    const owsk::OneCpu one_cpu;
    return owsk::scenarios::main(count, values);
}
