// SPDX-License-Identifier: MIT
// The greeter, linked into its test, on a simulated network. Nothing here takes real time or a real
// port, and what fails once fails again with the same seed.
#include <gtest/gtest.h>
#include <openwsk/faults.h>
#include <openwsk/process.h>
#include <openwsk/simulation.h>

#include <chrono>
#include <string>
#include <vector>

extern "C" DRIVER_INITIALIZE DriverEntry;

namespace {

using namespace std::chrono_literals;
using owsk::Client;
using owsk::ClientState;

constexpr std::uint16_t port = 5017;

// The smallest test that there is.
TEST(Greeter, GreetsAVisitor) {
    owsk::Simulation simulation({.seed = 7});
    owsk::Computer& server = simulation.add_computer("server", {"192.0.2.1"});
    owsk::Machine& machine = server.start_machine();
    owsk::DriverError error;
    ASSERT_TRUE(machine.start_driver("greeter", DriverEntry, error)) << error.message;
    owsk::Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
    Client visitor = laptop.connect("192.0.2.1", port);
    EXPECT_TRUE(simulation.run_until([&] { return visitor.peer_finished(); }));
    EXPECT_EQ(visitor.received(), "hello, visitor 1\n");
    EXPECT_TRUE(machine.unload_driver("greeter"));
    EXPECT_EQ(machine.stop(), 0U) << "leaks";
}

// A server and a laptop, for the tests below. Each seed is another order of everything that could
// happen in another order on Windows.
class GreeterWithSeed : public testing::TestWithParam<std::uint64_t> {
  protected:
    void start(owsk::MachineOptions options = {}) {
        machine = &server.start_machine(options);
        owsk::DriverError error;
        ASSERT_TRUE(machine->start_driver("greeter", DriverEntry, error)) << error.message;
    }

    void stop() {
        EXPECT_TRUE(machine->unload_driver("greeter"));
        EXPECT_EQ(machine->stop(), 0U) << "leaks; " << simulation.replay();
    }

    const owsk::OneCpu one_cpu;  // there the threads of a simulation take turns quickest
    owsk::Simulation simulation{{.seed = GetParam()}};
    owsk::Computer& server = simulation.add_computer("server", {"192.0.2.1"});
    owsk::Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
    owsk::Machine* machine = nullptr;
};

TEST_P(GreeterWithSeed, CountsVisitorsWhoComeAtOnce) {
    start({.processors = 2, .completion = owsk::CompletionMode::mixed});
    std::vector<Client> visitors;
    for (int i = 0; i < 10; ++i) {
        visitors.push_back(laptop.connect("192.0.2.1", port));
    }
    std::string all;
    for (const Client& visitor : visitors) {
        EXPECT_TRUE(simulation.run_until([&] { return visitor.peer_finished(); }))
            << simulation.replay();
        all += visitor.received();
    }
    for (int i = 1; i <= 10; ++i) {
        EXPECT_NE(all.find("hello, visitor " + std::to_string(i) + "\n"), std::string::npos);
    }
    stop();
}

TEST_P(GreeterWithSeed, SurvivesVisitorsWhoLeaveAtAnyMoment) {
    start();
    std::vector<Client> visitors;
    for (int i = 0; i < 10; ++i) {
        visitors.push_back(laptop.connect("192.0.2.1", port));
        simulation.run_for(std::chrono::microseconds(simulation.choose(400)));
        if (simulation.choose(2) == 0) {
            visitors.back().reset();
        }
    }
    stop();
}

TEST_P(GreeterWithSeed, IsUnloadedWhileItGreets) {
    start();
    std::vector<Client> visitors;
    for (int i = 0; i < 10; ++i) {
        visitors.push_back(laptop.connect("192.0.2.1", port));
    }
    simulation.run_for(std::chrono::microseconds(simulation.choose(400)));
    stop();
}

TEST_P(GreeterWithSeed, GreetsThroughALossyNetwork) {
    simulation.set_links({.latency = 20ms, .jitter = 10ms, .loss = 0.2, .reordering = 0.1});
    start();
    Client visitor = laptop.connect("192.0.2.1", port);
    EXPECT_TRUE(simulation.run_until([&] { return visitor.peer_finished(); }, 10min))
        << simulation.replay();
    EXPECT_EQ(visitor.received(), "hello, visitor 1\n");
    stop();
}

INSTANTIATE_TEST_SUITE_P(Seeds, GreeterWithSeed, testing::Range<std::uint64_t>(1, 26));

// Each allocation of a run fails once, one in each run: DriverEntry fails and leaves nothing
// behind, or a visitor is turned away.
TEST(Greeter, SurvivesEachFailingAllocation) {
    const auto all = {owsk::Fault::pool_allocation,
                      owsk::Fault::irp_allocation,
                      owsk::Fault::mdl_allocation,
                      owsk::Fault::socket_allocation,
                      owsk::Fault::registration};
    const std::uint64_t failures = owsk::for_each_failure(all, [](owsk::PlannedFailure& failure) {
        owsk::Simulation simulation({.seed = 7});
        owsk::Machine& machine = simulation.add_computer("server", {"192.0.2.1"}).start_machine();
        failure.plan(machine.faults());
        owsk::DriverError error;
        const bool started = machine.start_driver("greeter", DriverEntry, error);
        Client visitor =
            simulation.add_computer("laptop", {"192.0.2.2"}).connect("192.0.2.1", port);
        simulation.run_until([&] {
            return visitor.peer_finished() || visitor.state() == ClientState::refused ||
                   visitor.state() == ClientState::reset;
        });
        const bool greeted = visitor.received() == "hello, visitor 1\n";
        EXPECT_TRUE(greeted || failure.has_happened()) << failure.text();
        if (started) {
            EXPECT_TRUE(machine.unload_driver("greeter"));
        }
        EXPECT_EQ(machine.stop(), 0U) << "leaks after " << failure.text();
    });
    EXPECT_GT(failures, 4U);
}

}  // namespace
