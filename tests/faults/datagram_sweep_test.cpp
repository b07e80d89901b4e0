// SPDX-License-Identifier: MIT
// The example for datagrams, with each occasion of each fault failing in a run of its own: the
// driver starts or says why not, a client that asks again gets its answer, and nothing is left.
#include <gtest/gtest.h>
#include <openwsk/machine.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "faults/peer.h"

namespace owsk {
namespace {

constexpr const char* driver = "datagram_echo";

// Where the driver is, which it prints, and what it leaves behind.
class Notes final : public Observer {
  public:
    void debug_print(const probe::DebugPrint& record) noexcept override {
        const std::string text(record.text);
        const std::string before = "datagram_echo: port ";
        if (text.starts_with(before)) {
            const std::lock_guard guard(mutex_);
            port_ = static_cast<std::uint16_t>(std::atoi(text.c_str() + before.size()));
        }
    }
    void leak(const probe::Leak& record) noexcept override {
        ADD_FAILURE() << "leak: " << record.kind << ": " << record.description;
    }
    std::uint16_t port() const {
        const std::lock_guard guard(mutex_);
        return port_;
    }

  private:
    mutable std::mutex mutex_;
    std::uint16_t port_ = 0;
};

std::vector<Fault> all_faults() {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < fault_count; ++i) {
        faults.push_back(static_cast<Fault>(i));
    }
    return faults;
}

class DatagramSweep : public testing::TestWithParam<std::tuple<Fault, CompletionMode>> {
  protected:
    // One life of the driver, with one client.
    static void run(PlannedFailure& failure, CompletionMode mode) {
        SCOPED_TRACE(failure.text());
        Notes notes;
        MachineOptions options;
        options.completion = mode;
        options.seed = failure.nth();
        options.gate = GateMode::accepted;
        options.network_faults = true;
        options.observers = {&notes};
        Machine machine(options);
        failure.plan(machine.faults());
        machine.set_parameter(driver, "Port", 0U);
        DriverError error;
        if (machine.load_driver(driver, EXAMPLES "/datagram_echo.sys.so", error)) {
            const DatagramPeer client;
            for (const std::string& text : {std::string("short"), std::string(20'000, 'x')}) {
                const std::optional<std::string> answer = client.ask(notes.port(), text);
                ASSERT_TRUE(answer.has_value()) << "no answer comes";
                // One that was asked for twice may come late.
                EXPECT_TRUE(*answer == text || *answer == "short");
            }
            EXPECT_TRUE(machine.unload_driver(driver));
        } else {
            EXPECT_TRUE(failure.has_happened()) << error.message;
            EXPECT_TRUE(error.status == STATUS_INSUFFICIENT_RESOURCES ||
                        error.status == STATUS_NO_MEMORY)
                << error.message;
        }
        EXPECT_EQ(machine.stop(), 0U);
    }
};

TEST_P(DatagramSweep, NoFailureIsOneTooMany) {
    const Fault fault = std::get<Fault>(GetParam());
    for_each_failure({fault}, [&](PlannedFailure& failure) {
        if (!HasFailure()) {
            run(failure, std::get<CompletionMode>(GetParam()));
        } else {
            Faults nowhere(0, true);
            failure.plan(nowhere);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    DatagramSweep,
    testing::Combine(testing::ValuesIn(all_faults()),
                     testing::Values(CompletionMode::windows, CompletionMode::mixed)),
    [](const auto& about) {
        return std::string(fault_name(std::get<Fault>(about.param))) +
               (std::get<CompletionMode>(about.param) == CompletionMode::mixed ? "_mixed" : "");
    });

}  // namespace
}  // namespace owsk
