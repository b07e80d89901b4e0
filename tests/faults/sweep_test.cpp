// SPDX-License-Identifier: MIT
// The example drivers, with each occasion of each fault failing in a run of its own: a driver
// starts or says why not, a client gets its bytes back or learns that it will not, and nothing is
// left.
#include <gtest/gtest.h>
#include <openwsk/machine.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "faults/peer.h"

namespace owsk {
namespace {

// Where the driver listens, and what it leaves behind.
class Notes final : public Observer {
  public:
    explicit Notes(bool conditional) : conditional_(conditional) {}

    void listener_bound(const probe::ListenerBound& record) noexcept override {
        const std::lock_guard guard(mutex_);
        if (record.conditional == conditional_) {
            port_ = record.local.port;
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
    const bool conditional_;
    mutable std::mutex mutex_;
    std::uint16_t port_ = 0;
};

enum class Admission { everybody, allowed, pended };

struct Example {
    const char* driver;
    Admission admission;
};
constexpr Example examples[] = {
    {"echo_event", Admission::everybody},
    {"echo_irp", Admission::everybody},
    {"proxy", Admission::everybody},
    {"gatekeeper", Admission::allowed},
    {"gatekeeper", Admission::pended},
};

std::vector<Fault> all_faults() {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < fault_count; ++i) {
        faults.push_back(static_cast<Fault>(i));
    }
    return faults;
}

std::string path_of(const Example& example) {
    return std::string(EXAMPLES "/") + example.driver + ".sys.so";
}

MachineOptions options_of(CompletionMode mode, std::uint64_t seed, Observer& observer) {
    MachineOptions options;
    options.completion = mode;
    options.seed = seed;
    options.gate = GateMode::accepted;
    options.network_faults = true;
    options.observers = {&observer};
    return options;
}

void set_parameters(Machine& machine, const Example& example) {
    machine.set_parameter(example.driver, "Port", 0U);
    machine.set_parameter(example.driver, "OperatorPort", 0U);
    if (example.admission == Admission::allowed) {
        machine.set_parameter(example.driver, "Allow", std::vector<std::string>{"127.0.0.1"});
    }
}

std::string name_of(const Example& example) {
    return std::string(example.driver) + (example.admission == Admission::pended ? "_pended" : "");
}

// The names of tests must not depend on where a text lies.
void PrintTo(const Example& example, std::ostream* out) {
    *out << name_of(example);
}

std::string suffix_of(CompletionMode mode) {
    return mode == CompletionMode::mixed ? "_mixed" : "";
}

// Whom the proxy connects to: another machine, on which nothing fails.
class Target {
  public:
    Target() : machine_(options_of(CompletionMode::windows, 1, notes_)) {
        machine_.set_parameter("echo_event", "Port", 0U);
        DriverError error;
        EXPECT_TRUE(machine_.load_driver("echo_event", EXAMPLES "/echo_event.sys.so", error))
            << error.message;
    }
    ~Target() {
        EXPECT_TRUE(machine_.unload_driver("echo_event"));
        EXPECT_EQ(machine_.stop(), 0U);
    }
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    std::uint16_t port() const { return notes_.port(); }

  private:
    Notes notes_{false};
    Machine machine_;
};

// Null for a driver that connects to nobody.
std::unique_ptr<Target> make_target(Machine& machine, const Example& example) {
    if (std::string_view(example.driver) != "proxy") {
        return nullptr;
    }
    auto target = std::make_unique<Target>();
    machine.set_parameter("proxy", "TargetPort", std::uint32_t{target->port()});
    return target;
}

class Sweep : public testing::TestWithParam<std::tuple<Example, Fault, CompletionMode>> {
  protected:
    // One life of the driver, with one client.
    void run(PlannedFailure& failure) {
        SCOPED_TRACE(failure.text());
        const Example& example = std::get<Example>(GetParam());
        const CompletionMode mode = std::get<CompletionMode>(GetParam());
        Notes notes(example.admission != Admission::everybody);
        Machine machine(options_of(mode, failure.nth(), notes));
        failure.plan(machine.faults());
        set_parameters(machine, example);
        const std::unique_ptr<Target> target = make_target(machine, example);
        DriverError error;
        if (machine.load_driver(example.driver, path_of(example), error)) {
            talk(notes.port(), example.admission, failure);
            EXPECT_TRUE(machine.unload_driver(example.driver));
        } else {
            EXPECT_TRUE(failure.has_happened()) << error.message;
            EXPECT_TRUE(error.status == STATUS_INSUFFICIENT_RESOURCES ||
                        error.status == STATUS_NO_MEMORY)
                << error.message;
        }
        EXPECT_EQ(machine.stop(), 0U);
    }

  private:
    static void talk(std::uint16_t port, Admission admission, const PlannedFailure& failure) {
        const std::string text(20'000, 'x');
        const std::string expected =
            admission == Admission::everybody ? text : "welcome, request 1\n" + text;
        const Peer client(port);
        client.send(text);
        client.finish();
        const std::optional<std::string> answer = client.receive(expected.size());
        ASSERT_TRUE(answer.has_value()) << "the client waits for ever";
        EXPECT_TRUE(expected.starts_with(*answer)) << *answer;
        // Who finishes while pended has given up.
        if (*answer != expected && admission != Admission::pended) {
            EXPECT_TRUE(failure.has_happened()) << answer->size() << " bytes came back";
        }
    }
};

TEST_P(Sweep, NoFailureIsOneTooMany) {
    const Fault fault = std::get<Fault>(GetParam());
    const std::uint64_t met = for_each_failure({fault}, [&](PlannedFailure& failure) {
        if (!HasFailure()) {
            run(failure);
        } else {
            Faults nowhere(0, true);
            failure.plan(nowhere);
        }
    });
    RecordProperty("failures", std::to_string(met));
}

// Everything may fail now and then, and clients come at the same time.
class Storm : public testing::TestWithParam<std::tuple<Example, CompletionMode>> {
  protected:
    void run(std::uint64_t seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto& [example, mode] = GetParam();
        Notes notes(example.admission != Admission::everybody);
        Machine machine(options_of(mode, seed, notes));
        set_parameters(machine, example);
        const std::unique_ptr<Target> target = make_target(machine, example);
        DriverError error;
        if (!machine.load_driver(example.driver, path_of(example), error)) {
            FAIL() << error.message;
        }
        for (const Fault fault : all_faults()) {
            machine.faults().fail_with(fault, 0.05);
        }
        std::deque<Peer> clients;
        const std::string text(3'000, 'x');
        for (int i = 0; i < 8; ++i) {
            clients.emplace_back(notes.port()).send(text);
        }
        for (const Peer& client : clients) {
            client.finish();
            const std::optional<std::string> answer = client.receive(2 * text.size());
            ASSERT_TRUE(answer.has_value()) << "a client waits for ever";
            if (example.admission == Admission::everybody) {
                EXPECT_TRUE(text.starts_with(*answer)) << *answer;
            }
        }
        EXPECT_TRUE(machine.unload_driver(example.driver));
        EXPECT_EQ(machine.stop(), 0U);
    }
};

TEST_P(Storm, EveryClientGetsAnEnd) {
    for (std::uint64_t seed = 1; seed <= 10 && !HasFailure(); ++seed) {
        run(seed);
    }
}

INSTANTIATE_TEST_SUITE_P(Of,
                         Storm,
                         testing::Combine(testing::ValuesIn(examples),
                                          testing::Values(CompletionMode::windows,
                                                          CompletionMode::mixed)),
                         [](const auto& about) {
                             return name_of(std::get<Example>(about.param)) +
                                    suffix_of(std::get<CompletionMode>(about.param));
                         });

INSTANTIATE_TEST_SUITE_P(Of,
                         Sweep,
                         testing::Combine(testing::ValuesIn(examples),
                                          testing::ValuesIn(all_faults()),
                                          testing::Values(CompletionMode::windows,
                                                          CompletionMode::mixed)),
                         [](const auto& about) {
                             return name_of(std::get<Example>(about.param)) + "_" +
                                    fault_name(std::get<Fault>(about.param)) +
                                    suffix_of(std::get<CompletionMode>(about.param));
                         });

}  // namespace
}  // namespace owsk
