// SPDX-License-Identifier: MIT
// The kernel drops all that its queues hold when somebody removes a hook of netfilter. A client
// whose SYN was held then is let in, or refused, at the verdict all the same, and not when it
// repeats its SYN.
#include "net/linux/netfilter/syn_rules.h"
#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

// Sooner than a client repeats its first SYN.
constexpr std::chrono::milliseconds at_once(800);

class SynGateLostTest : public SynGateByRouteTest {
  protected:
    // Another program comes and goes.
    static void lose_held_syns() {
        OpenedRules foreign = open_syn_rules("foreign", {.first = 7, .count = 1});
        ASSERT_NE(foreign.rules, nullptr) << foreign.reason;
        ASSERT_EQ(foreign.rules->add(with_port(ipv4_other, 7), false), STATUS_SUCCESS);
        ASSERT_EQ(foreign.rules->add(with_port(ipv6_loopback, 7), false), STATUS_SUCCESS);
    }
};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateLostTest,
                         testing::Values(by_ipv4, by_ipv4_2, by_ipv6, by_both),
                         route_name);

TEST_P(SynGateLostTest, AcceptedClientIsLetInAtOnce) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        std::vector<std::unique_ptr<Caller>> callers;
        std::vector<std::shared_ptr<ConnectionAttempt>> attempts;
        for (int count = 0; count < 20; ++count) {
            callers.push_back(std::make_unique<Caller>(server_of(gate)));
            attempts.push_back(gate.events.next_attempt());
        }
        const auto begin = std::chrono::steady_clock::now();
        lose_held_syns();
        for (const auto& attempt : attempts) {
            attempt->accept();
        }
        // They come in any order, and one that is let go is reset.
        std::vector<std::unique_ptr<Connection>> connections;
        for (const auto& caller : callers) {
            EXPECT_EQ(caller->outcome(), 0);
            connections.push_back(gate.events.next_connection());
            ASSERT_NE(connections.back(), nullptr);
        }
        EXPECT_LT(std::chrono::steady_clock::now() - begin, at_once);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U) << "nobody is asked twice";
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_P(SynGateLostTest, RejectedClientIsRefusedAtOnce) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        const auto begin = std::chrono::steady_clock::now();
        lose_held_syns();
        attempt->reject();
        EXPECT_EQ(caller.outcome(), ECONNREFUSED);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, at_once);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateLostTest, WhoRepeatsItsSynIsHeldByTheNewest) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        lose_held_syns();
        EXPECT_TRUE(caller.retransmits());
        EXPECT_TRUE(
            comes_true([&] { return machine.network.gate_counters().retransmissions > 0; }));
        machine.settle();
        const std::uint64_t repeated = machine.network.gate_counters().retransmissions;
        attempt->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        machine.settle();
        EXPECT_EQ(machine.network.gate_counters().retransmissions, repeated)
            << "the SYN that was held last was still there, and no copy was needed";
    });
}

}  // namespace
}  // namespace owsk::net
