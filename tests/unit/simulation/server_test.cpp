// SPDX-License-Identifier: MIT
// A driver that connects, with the driver proxy: a laptop, the driver's computer, and a target.
#include <gtest/gtest.h>
#include <openwsk/simulation.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace owsk {
namespace {

using std::chrono::seconds;

constexpr std::uint16_t proxy_port = 5005;
constexpr std::uint16_t target_port = 80;
constexpr std::uint64_t seeds = 20;

class ProxyWorld {
  public:
    explicit ProxyWorld(std::uint64_t seed, MachineOptions options = {})
        : simulation({.seed = seed}),
          middle(simulation.add_computer("middle", {"192.0.2.1"})),
          laptop(simulation.add_computer("laptop", {"192.0.2.2"})),
          target(simulation.add_computer("target", {"192.0.2.3"})) {
        Machine& machine = middle.start_machine(std::move(options));
        machine.set_parameter("proxy", "Address", "0.0.0.0");
        machine.set_parameter("proxy", "TargetAddress", "192.0.2.3");
        machine.set_parameter("proxy", "TargetPort", target_port);
        DriverError error;
        EXPECT_TRUE(machine.load_driver("proxy", PROXY, error)) << error.message;
    }
    ~ProxyWorld() {
        EXPECT_TRUE(middle.machine().unload_driver("proxy")) << simulation.replay();
        EXPECT_EQ(middle.machine().stop(), 0U) << simulation.replay();
    }
    ProxyWorld(const ProxyWorld&) = delete;
    ProxyWorld& operator=(const ProxyWorld&) = delete;

    Client visit() { return laptop.connect("192.0.2.1", proxy_port); }

    Simulation simulation;
    Computer& middle;
    Computer& laptop;
    Computer& target;
};

TEST(SimulatedServer, ADriverConnectsToIt) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        ProxyWorld world(seed, {.completion = CompletionMode::hostile});
        Server server = world.target.listen("192.0.2.3", target_port);
        EXPECT_EQ(server.local_address().port, target_port);
        Client client = world.visit();
        client.send("question");
        client.finish();
        ASSERT_TRUE(world.simulation.run_until([&] { return server.waiting() == 1; }))
            << world.simulation.replay();
        std::optional<Client> other = server.accept();
        ASSERT_TRUE(other.has_value());
        EXPECT_FALSE(server.accept().has_value());
        ASSERT_TRUE(world.simulation.run_until([&] { return other->peer_finished(); }))
            << world.simulation.replay();
        EXPECT_EQ(other->received(), "question");
        other->send("answer");
        other->finish();
        EXPECT_TRUE(world.simulation.run_until([&] {
            return client.state() == ClientState::finished;
        })) << world.simulation.replay();
        EXPECT_EQ(client.received(), "answer");
    }
}

TEST(SimulatedServer, WithoutOneTheDriversConnectionIsRefused) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        ProxyWorld world(seed, {.completion = CompletionMode::hostile});
        Client client = world.visit();
        EXPECT_TRUE(world.simulation.run_until([&] {
            return client.state() == ClientState::reset;
        })) << world.simulation.replay();
    }
}

TEST(SimulatedServer, ADriverCanBeUnloadedWhileItConnects) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        ProxyWorld world(seed, {.completion = CompletionMode::hostile});
        world.simulation.set_link("middle", "target", {.loss = 1});
        Client client = world.visit();
        world.simulation.run_for(seconds(2));
        EXPECT_EQ(client.state(), ClientState::connected) << world.simulation.replay();
    }
}

TEST(SimulatedServer, TheFirstAttemptsCanBeRefused) {
    Simulation simulation;
    Computer& web = simulation.add_computer("web", {"192.0.2.1"});
    Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
    const Server server = web.listen("192.0.2.1", 80, {.refuse = 2});
    for (int i = 0; i < 2; ++i) {
        const Client refused = laptop.connect("192.0.2.1", 80);
        EXPECT_TRUE(simulation.run_until([&] { return refused.state() == ClientState::refused; }));
    }
    const Client client = laptop.connect("192.0.2.1", 80);
    EXPECT_TRUE(simulation.run_until([&] { return server.waiting() == 1; }));
    EXPECT_EQ(client.state(), ClientState::connected);
}

TEST(SimulatedServer, ASmallReceiveBufferHoldsTheOtherSideUp) {
    Simulation simulation;
    Computer& web = simulation.add_computer("web", {"192.0.2.1"});
    Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
    Server server = web.listen("192.0.2.1", 80, {.receive_buffer = 1000});
    Client client = laptop.connect("192.0.2.1", 80);
    std::optional<Client> other;
    ASSERT_TRUE(simulation.run_until([&] { return server.waiting() == 1; }));
    other = server.accept();
    other->stop_reading();
    client.send(std::string(5000, 'x'));
    simulation.run_for(seconds(1));
    EXPECT_EQ(client.unacknowledged(), 4000U);
    other->go_on_reading();
    EXPECT_TRUE(simulation.run_until([&] { return client.unacknowledged() == 0; }));
}

TEST(SimulatedServer, WhatCannotBeListenedOnIsNamed) {
    Simulation simulation;
    Computer& computer = simulation.add_computer("computer", {"192.0.2.1"});
    const Server server = computer.listen("192.0.2.1", 80);
    EXPECT_THROW(computer.listen("192.0.2.1", 80), std::invalid_argument);
    EXPECT_THROW(computer.listen("192.0.2.9", 80), std::invalid_argument);
    EXPECT_THROW(computer.listen("nowhere", 80), std::invalid_argument);
}

}  // namespace
}  // namespace owsk
