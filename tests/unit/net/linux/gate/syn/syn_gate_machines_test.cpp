// SPDX-License-Identifier: MIT
// Who may have a SYN gate, and what machines and processes that have one are to each other.
#include "net/linux/linux_network.h"
#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

class SynGateMachinesTest : public SynGateTest {
  protected:
    static void expect_accepted(Gate& gate) {
        Caller caller(with_port(ipv4_loopback, gate.port()));
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_attempt(), nullptr);
        EXPECT_NE(gate.events.next_connection(), nullptr);
    }
    // The port of a conditional listener of a process that is killed while it works.
    static std::uint16_t let_a_process_die() {
        std::array<int, 2> port_pipe;
        EXPECT_EQ(::pipe2(port_pipe.data(), O_CLOEXEC), 0);
        const pid_t child = fork_process([&] {
            struct Living {
                Machine machine;
                Gate gate{machine, ipv4_loopback};
            };
            auto living = std::make_unique<Living>();
            living->gate.start();
            const std::uint16_t port = living->gate.port();
            EXPECT_EQ(::write(port_pipe[1], &port, sizeof port), ssize_t{sizeof port});
            return living;
        });
        std::uint16_t port = 0;
        EXPECT_EQ(::read(port_pipe[0], &port, sizeof port), ssize_t{sizeof port});
        Caller caller(with_port(ipv4_loopback, port));
        EXPECT_TRUE(caller.retransmits()) << "its listener holds the SYN";
        kill_process(child);
        ::close(port_pipe[0]);
        ::close(port_pipe[1]);
        return port;
    }
};

TEST_F(SynGateMachinesTest, TwoMachinesOfAProcessDoNotDisturbEachOther) {
    in_own_network([] {
        Machine one;
        Machine other;
        Gate first(one, ipv4_loopback);
        {
            Gate second(other, ipv4_loopback);
            Gate on_wildcard(other, ipv4_any);
            for (Gate* gate : {&first, &second, &on_wildcard}) {
                gate->start_and_accept_all();
            }
            for (Gate* gate : {&first, &second, &on_wildcard}) {
                expect_accepted(*gate);
            }
            EXPECT_EQ(first.events.attempts(), 0U);
        }
        expect_accepted(first);
        EXPECT_EQ(one.network.gate_counters().late_inspected, 0U);
        EXPECT_EQ(other.network.gate_counters().late_inspected, 0U);
    });
}

TEST_F(SynGateMachinesTest, MachineThatEndsLeavesTheOtherOneAlone) {
    in_own_network([] {
        auto one = std::make_unique<Machine>();
        Machine other;
        Gate gate(other, ipv4_loopback);
        gate.start_and_accept_all();
        expect_accepted(gate);
        one.reset();
        Machine third;
        EXPECT_EQ(third.network.gate().name, "syn");
        expect_accepted(gate);
    });
}

TEST_F(SynGateMachinesTest, WithoutPrivilegesStrictRefusesAndSaysWhy) {
    in_own_network([] {
        drop_privileges();
        Machine machine(1, GateMode::strict);
        const GateReport gate = machine.network.gate();
        EXPECT_EQ(gate.name, "");
        EXPECT_NE(gate.reason.find("CAP_NET_"), std::string::npos) << gate.reason;
        const auto listener = machine.network.listen(ipv4_loopback, {.conditional = true});
        EXPECT_EQ(listener.status(), STATUS_NOT_SUPPORTED);
        EXPECT_TRUE(machine.network.listen(ipv4_loopback, {}).has_value());
    });
}

TEST_F(SynGateMachinesTest, WithoutPrivilegesAutomaticAsksAfterTheHandshakeAndSaysWhy) {
    in_own_network([] {
        drop_privileges();
        Machine machine(1, GateMode::automatic);
        auto listener = machine.network.listen(ipv4_loopback, {.conditional = true});
        ASSERT_TRUE(listener.has_value());
        for (const GateReport& gate : {machine.network.gate(), (*listener)->gate()}) {
            EXPECT_EQ(gate.name, "accepted");
            EXPECT_NE(gate.reason.find("CAP_NET_"), std::string::npos) << gate.reason;
        }
        GateRecorder events;
        ASSERT_EQ((*listener)->start(machine.processor(), events), STATUS_SUCCESS);
        Caller caller((*listener)->local_address());
        EXPECT_EQ(caller.outcome(), 0);
        events.next_attempt()->accept();
        EXPECT_NE(events.next_connection(), nullptr);
        close_and_wait(**listener);
    });
}

TEST_F(SynGateMachinesTest, EmulateDoesNotHoldSyns) {
    in_own_network([] {
        Machine machine(1, GateMode::accepted);
        EXPECT_EQ(machine.network.gate().name, "accepted");
    });
}

TEST_F(SynGateMachinesTest, WhatAKilledProcessLeavesDisturbsNobody) {
    in_own_network([] {
        const std::uint16_t port = let_a_process_die();
        const Server before(with_port(ipv4_loopback, port));
        EXPECT_EQ(Caller(before.address()).outcome(), 0);
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start_and_accept_all();
        expect_accepted(gate);
        // Whatever is queued now has to wait.
        std::vector<std::unique_ptr<Standstill>> stands;
        for (host::LinuxProcessor* loop : machine.queue_loops()) {
            stands.push_back(std::make_unique<Standstill>(*loop));
        }
        EXPECT_EQ(Caller(before.address()).outcome(), 0);
    });
}

}  // namespace
}  // namespace owsk::net
