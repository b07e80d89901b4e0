// SPDX-License-Identifier: MIT
// The end of a conditional listener, at any moment.
#include <atomic>

#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

class SynGateCloseTest : public SynGateByRouteTest {
  protected:
    // Whether a connection is made although no queue gives verdicts.
    static bool passes_by(Machine& machine, const Address& server) {
        std::vector<std::unique_ptr<Standstill>> stands;
        for (host::LinuxProcessor* loop : machine.queue_loops()) {
            stands.push_back(std::make_unique<Standstill>(*loop));
        }
        return Caller(server).outcome() == 0;
    }
};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateCloseTest,
                         testing::Values(by_ipv4, by_ipv4_2, by_ipv6, by_both),
                         route_name);

TEST_P(SynGateCloseTest, HeldClientsAreRefusedAndToldAsAborted) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        std::array<Caller, 3> callers = {
            Caller(server_of(gate)), Caller(server_of(gate)), Caller(server_of(gate))};
        EXPECT_TRUE(gate.events.wait_attempts(callers.size()));
        const auto attempt = gate.events.next_attempt();
        const Address server = server_of(gate);
        gate.close();
        EXPECT_EQ(gate.events.aborted(), callers.size()) << "before `closed`";
        for (Caller& caller : callers) {
            EXPECT_EQ(caller.outcome(), ECONNREFUSED);
        }
        attempt->accept();
        EXPECT_EQ(Caller(server).outcome(), ECONNREFUSED);
        machine.settle();
        EXPECT_EQ(gate.events.attempts(), 2U);
        EXPECT_EQ(gate.events.aborted(), callers.size());
        EXPECT_EQ(gate.events.connections(), 0U);
    });
}

TEST_P(SynGateCloseTest, RejectedOnesAreNotToldAsAborted) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        {
            std::vector<std::unique_ptr<Standstill>> stands;
            for (host::LinuxProcessor* loop : machine.queue_loops()) {
                stands.push_back(std::make_unique<Standstill>(*loop));
            }
            attempt->reject();
            Closed closed;
            gate.listener().close(closed);
            EXPECT_EQ(caller.outcome(), ECONNREFUSED) << "even if the verdict was not carried out";
            stands.clear();
            EXPECT_TRUE(closed.wait());
        }
        gate.forget();
        EXPECT_EQ(gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateCloseTest, NothingIsLeftInTheWayOfAPlainListener) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const Address server = server_of(gate);
        const Address listen = with_port(GetParam().listen, gate.port());
        gate.close();
        const Server plain(listen);
        EXPECT_TRUE(passes_by(machine, server));
    });
}

TEST_P(SynGateCloseTest, NextListenerOfThePortIsAskedForItsOwn) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        std::uint16_t port = 0;
        for (int round = 0; round < 5; ++round) {
            Gate gate(machine, with_port(GetParam().listen, port), GetParam().v6_only);
            port = gate.port();
            gate.start();
            const Caller caller(server_of(gate));
            const auto attempt = gate.events.next_attempt();
            ASSERT_NE(attempt, nullptr);
            EXPECT_EQ(attempt->remote_address(), shown(caller.address()));
            gate.close();
            EXPECT_EQ(gate.events.aborted(), 1U);
            EXPECT_EQ(gate.events.attempts(), 0U);
        }
    });
}

TEST_P(SynGateCloseTest, NextListenerNeedNotWaitForTheOneThatIsClosing) {
    in_own_network([] {
        if (host::LinuxHost::cpu_count() < 2 || !stay_on_cpu(1)) {
            not_possible_here("there is one CPU only");
        }
        Machine machine(GetParam().processors);
        Gate old_gate(machine, GetParam().listen, GetParam().v6_only);
        old_gate.start();
        Closed closed;
        {
            auto slow = std::make_unique<Standstill>(*machine.host.cpu_loop(0));
            old_gate.listener().close(closed);
            // Its socket is gone, its rules are not.
            for (int round = 0; round < 3; ++round) {
                const Standstill passed(machine.processor());
            }
            Gate gate(machine, with_port(GetParam().listen, old_gate.port()), GetParam().v6_only);
            gate.start_and_accept_all();
            EXPECT_EQ(Caller(server_of(gate)).outcome(), 0);
            EXPECT_NE(gate.events.next_connection(), nullptr);
            slow.reset();
        }
        EXPECT_TRUE(closed.wait());
        old_gate.forget();
    });
}

TEST_P(SynGateCloseTest, CanBeClosedFromInsideAnAttempt) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        for (int round = 0; round < 10; ++round) {
            Gate gate(machine, GetParam().listen, GetParam().v6_only);
            Closed closed;
            std::atomic<int> asked = 0;
            gate.events.answer = [&](ConnectionAttempt& attempt) {
                if (asked++ == 0) {
                    gate.listener().close(closed);
                }
                attempt.accept();
            };
            gate.start();
            Caller first(server_of(gate));
            Caller second(server_of(gate));
            EXPECT_TRUE(closed.wait());
            gate.forget();
            EXPECT_EQ(first.outcome(), ECONNREFUSED);
            EXPECT_EQ(second.outcome(), ECONNREFUSED);
            EXPECT_EQ(gate.events.aborted(), gate.events.attempts());
            EXPECT_EQ(gate.events.connections(), 0U);
        }
    });
}

TEST_P(SynGateCloseTest, CanBeClosedFromInsideAnAttemptThatWaitedForTheStart) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        for (int round = 0; round < 20; ++round) {
            Gate gate(machine, GetParam().listen, GetParam().v6_only);
            Closed closed;
            gate.events.answer = [&](ConnectionAttempt&) { gate.listener().close(closed); };
            Caller caller(server_of(gate));
            machine.settle();
            gate.start();
            EXPECT_TRUE(closed.wait());
            gate.forget();
            EXPECT_EQ(caller.outcome(), ECONNREFUSED);
            EXPECT_EQ(gate.events.aborted(), 1U);
        }
    });
}

TEST_P(SynGateCloseTest, ListenerThatIsNeverStartedRefusesWhoWaits) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        auto gate = std::make_unique<Gate>(machine, GetParam().listen, GetParam().v6_only);
        const Address server = server_of(*gate);
        const Address listen = with_port(GetParam().listen, gate->port());
        Caller caller(server);
        machine.settle();
        EXPECT_TRUE(caller.is_connecting());
        gate.reset();
        EXPECT_EQ(caller.outcome(), ECONNREFUSED);
        const Server plain(listen);
        EXPECT_TRUE(passes_by(machine, server));
    });
}

TEST_P(SynGateCloseTest, WhoCameBeforeTheStartIsAskedThen) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        Caller caller(server_of(gate));
        machine.settle();
        gate.start_and_accept_all();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
    });
}

TEST_P(SynGateCloseTest, VerdictsThatRaceWithCloseAreHarmless) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        for (int round = 0; round < 30; ++round) {
            Gate gate(machine, GetParam().listen, GetParam().v6_only);
            gate.start();
            const Caller caller(server_of(gate));
            const auto attempt = gate.events.next_attempt();
            const std::jthread judge([&] { attempt->accept(); });
            gate.close();
            EXPECT_EQ(gate.events.connections() + gate.events.aborted(), 1U);
        }
    });
}

// Each attempt ends in exactly one way, and nobody is asked twice, whatever the moment.
TEST_P(SynGateCloseTest, ClosingWhileClientsComeIn) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        for (int round = 0; round < 20; ++round) {
            Gate gate(machine, GetParam().listen, GetParam().v6_only);
            const Address server = server_of(gate);
            gate.start_and_accept_all();
            std::atomic<bool> closed = false;
            const auto call = [&] {
                while (!closed) {
                    Caller(server).outcome();
                }
            };
            {
                const std::jthread first(call);
                const std::jthread second(call);
                EXPECT_TRUE(gate.events.wait_attempts(5));
                gate.close();
                closed = true;
            }
            EXPECT_EQ(gate.events.attempts(), gate.events.connections() + gate.events.aborted());
        }
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

}  // namespace
}  // namespace owsk::net
