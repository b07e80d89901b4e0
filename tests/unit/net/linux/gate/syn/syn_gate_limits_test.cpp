// SPDX-License-Identifier: MIT
// What a listener keeps at the SYN is bounded, one client does not have it all, and connections
// that nobody takes wait in the kernel.
#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

class SynGateLimitsTest : public SynGateTest {
  protected:
    // SYNs of so many clients, or of so many sockets of one client.
    static void send_far_syns(const Gate& gate, std::uint32_t count, bool of_one_client) {
        const SegmentSender sender = open_sender();
        const Address server = with_port(ipv4_loopback, gate.port());
        for (std::uint32_t number = 0; number < count; ++number) {
            Segment syn = far_syn(server, of_one_client ? 0 : number);
            syn.source.port = static_cast<std::uint16_t>(1000 + number);
            sender.send(syn);
        }
    }
};

TEST_F(SynGateLimitsTest, TheUsersBoundIsHeldAndTheRestIsDroppedAndCounted) {
    in_own_network([] {
        Machine machine(1, GateMode::automatic, {.held_attempts = 4});
        Gate gate(machine, ipv4_loopback);
        gate.start();
        send_far_syns(gate, 7, false);
        EXPECT_TRUE(comes_true([&] { return machine.network.gate_counters().dropped == 3; }));
        machine.settle();
        EXPECT_EQ(gate.events.attempts(), 4U);
        // A place that is free again is somebody else's.
        gate.events.next_attempt()->reject();
        machine.settle();
        const Caller caller(with_port(ipv4_loopback, gate.port()));
        EXPECT_TRUE(gate.events.wait_attempts(4));
    });
}

TEST_F(SynGateLimitsTest, AFloodFromOneAddressLeavesRoomForOthers) {
    in_own_network([] {
        Machine machine(1, GateMode::automatic, {.held_attempts = 8});
        Gate gate(machine, ipv4_loopback);
        gate.start();
        send_far_syns(gate, 20, true);
        EXPECT_TRUE(comes_true([&] { return machine.network.gate_counters().dropped == 16; }));
        machine.settle();
        EXPECT_EQ(gate.events.attempts(), 4U);
        Caller caller(with_port(ipv4_loopback, gate.port()));
        EXPECT_TRUE(gate.events.wait_attempts(5));
        gate.events.latest_attempt_from(caller.address())->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
    });
}

TEST_F(SynGateLimitsTest, VerdictsAtOnceNeedNoRoom) {
    in_own_network([] {
        Machine machine(1, GateMode::automatic, {.held_attempts = 1});
        Gate gate(machine, ipv4_loopback);
        gate.start_and_accept_all();
        for (int i = 0; i < 10; ++i) {
            Caller caller(with_port(ipv4_loopback, gate.port()));
            EXPECT_EQ(caller.outcome(), 0);
            EXPECT_NE(gate.events.next_connection(), nullptr);
        }
        EXPECT_EQ(machine.network.gate_counters().dropped, 0U);
        EXPECT_EQ(gate.events.aborted(), 0U);
    });
}

TEST_F(SynGateLimitsTest, ConnectionsThatNobodyTakesWaitInTheKernel) {
    in_own_network([] {
        constexpr std::uint32_t untaken = 3;
        Machine machine(1, GateMode::automatic, {.untaken_connections = untaken});
        Gate gate(machine, ipv4_loopback);
        gate.start_and_accept_all();
        std::vector<std::unique_ptr<Caller>> callers;
        for (std::uint32_t i = 0; i < 3 * untaken; ++i) {
            callers.push_back(std::make_unique<Caller>(with_port(ipv4_loopback, gate.port())));
            EXPECT_EQ(callers.back()->outcome(), 0);
        }
        for (std::uint32_t i = 0; i < untaken; ++i) {
            EXPECT_NE(gate.events.next_connection(), nullptr);
        }
        machine.settle();
        EXPECT_EQ(gate.events.connections(), 0U);
        for (std::uint32_t i = 0; i < 2 * untaken; ++i) {
            gate.listener().connection_taken();
            EXPECT_NE(gate.events.next_connection(), nullptr);
        }
        EXPECT_EQ(gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

}  // namespace
}  // namespace owsk::net
