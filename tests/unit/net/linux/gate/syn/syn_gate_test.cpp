// SPDX-License-Identifier: MIT
// Verdicts at the SYN gate, as clients of the real kernel see them.
#include "net/linux/gate/syn/syn_gate.h"

#include <atomic>

#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

class SynGateVerdictTest : public SynGateByRouteTest {};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateVerdictTest,
                         testing::Values(by_ipv4, by_ipv4_2, by_ipv6, by_ipv6_2, by_both),
                         route_name);

TEST_P(SynGateVerdictTest, AcceptedAtOnceIsEstablished) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start_and_accept_all();
        Caller caller(server_of(gate));
        EXPECT_EQ(caller.outcome(), 0);
        const auto attempt = gate.events.next_attempt();
        const auto connection = gate.events.next_connection();
        ASSERT_NE(connection, nullptr);
        EXPECT_EQ(attempt->remote_address(), shown(caller.address()));
        EXPECT_EQ(attempt->local_address(), shown(server_of(gate)));
        EXPECT_EQ(connection->remote_address(), attempt->remote_address());
        EXPECT_EQ(connection->local_address(), attempt->local_address());
        expect_to_reach(*connection, caller);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_P(SynGateVerdictTest, RejectedAtOnceIsRefused) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        gate.start();
        EXPECT_EQ(Caller(server_of(gate)).outcome(), ECONNREFUSED);
        EXPECT_TRUE(gate.events.next_attempt());
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.connections(), 0U);
        gate.close();
        EXPECT_EQ(gate.events.aborted(), 0U) << "after reject() nothing follows";
    });
}

TEST_P(SynGateVerdictTest, PendedIsAskedOnceAndConnectsWhenAccepted) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        EXPECT_TRUE(caller.retransmits());
        EXPECT_TRUE(
            comes_true([&] { return machine.network.gate_counters().retransmissions > 0; }));
        EXPECT_TRUE(caller.is_connecting());
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
        attempt->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateVerdictTest, PendedIsAskedOnceAndRefusedWhenRejected) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        EXPECT_TRUE(
            comes_true([&] { return machine.network.gate_counters().retransmissions > 0; }));
        EXPECT_TRUE(caller.is_connecting());
        attempt->reject();
        EXPECT_EQ(caller.outcome(), ECONNREFUSED);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateVerdictTest, FirstVerdictCounts) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller refused(server_of(gate));
        auto attempt = gate.events.next_attempt();
        attempt->reject();
        attempt->accept();
        EXPECT_EQ(refused.outcome(), ECONNREFUSED);
        Caller connected(server_of(gate));
        attempt = gate.events.next_attempt();
        attempt->accept();
        attempt->reject();
        EXPECT_EQ(connected.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        machine.settle();
        EXPECT_EQ(gate.events.connections() + gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateVerdictTest, ManyClientsWithVerdictsFromThreads) {
    in_own_network([] {
        constexpr int count = 300;
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        std::atomic<int> left = count;
        std::vector<std::unique_ptr<Caller>> callers;
        std::vector<std::unique_ptr<Connection>> connections;
        {
            const auto judge = [&] {
                while (left.fetch_sub(1) > 0) {
                    gate.events.next_attempt()->accept();
                }
            };
            const std::jthread first(judge);
            const std::jthread second(judge);
            for (int i = 0; i < count; ++i) {
                callers.push_back(std::make_unique<Caller>(server_of(gate)));
            }
        }
        for (const auto& caller : callers) {
            EXPECT_EQ(caller->outcome(), 0);
            connections.push_back(gate.events.next_connection());
        }
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

class SynGateNeighboursTest : public SynGateTest {};

TEST_F(SynGateNeighboursTest, EachListenerIsAskedForItsOwn) {
    in_own_network([] {
        Machine machine(2);
        Gate specific(machine, ipv4_loopback);
        Gate wildcard(machine, ipv4_any);
        Gate ipv6(machine, ipv6_loopback);
        Gate both(machine, ipv6_any, false);
        for (Gate* gate : {&specific, &wildcard, &ipv6, &both}) {
            gate->start_and_accept_all();
        }
        const auto is_asked = [](Gate& gate, const Address& ip) {
            Caller caller(with_port(ip, gate.port()));
            EXPECT_EQ(caller.outcome(), 0);
            EXPECT_NE(gate.events.next_attempt(), nullptr);
            EXPECT_NE(gate.events.next_connection(), nullptr);
        };
        is_asked(specific, ipv4_loopback);
        is_asked(wildcard, ipv4_loopback);
        is_asked(wildcard, ipv4_other);
        is_asked(ipv6, ipv6_loopback);
        is_asked(both, ipv6_loopback);
        is_asked(both, ipv4_other);
        for (Gate* gate : {&specific, &wildcard, &ipv6, &both}) {
            EXPECT_EQ(gate->events.attempts() + gate->events.connections(), 0U);
        }
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_F(SynGateNeighboursTest, OtherAddressOfTheSamePortIsAskedForItsOwn) {
    in_own_network([] {
        Machine machine;
        Gate first(machine, ipv4_loopback);
        Gate second(machine, with_port(ipv4_other, first.port()));
        first.start_and_accept_all();
        second.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        second.start();
        EXPECT_EQ(Caller(with_port(ipv4_loopback, first.port())).outcome(), 0);
        EXPECT_EQ(Caller(with_port(ipv4_other, first.port())).outcome(), ECONNREFUSED);
        EXPECT_EQ(first.events.attempts(), 1U);
        EXPECT_EQ(second.events.attempts(), 1U);
    });
}

TEST_F(SynGateNeighboursTest, PlainListenerDoesNotPass) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start_and_accept_all();
        const Server plain(ipv4_loopback);
        const Server plain_elsewhere(with_port(ipv4_other, gate.port()));
        {
            // Whatever is queued now has to wait.
            std::vector<std::unique_ptr<Standstill>> stands;
            for (host::LinuxProcessor* loop : machine.queue_loops()) {
                stands.push_back(std::make_unique<Standstill>(*loop));
            }
            EXPECT_EQ(Caller(plain.address()).outcome(), 0);
            EXPECT_EQ(Caller(plain_elsewhere.address()).outcome(), 0);
            const Caller caller(with_port(ipv4_loopback, gate.port()));
            EXPECT_TRUE(caller.is_connecting());
        }
        EXPECT_NE(gate.events.next_attempt(), nullptr);
    });
}

}  // namespace
}  // namespace owsk::net
