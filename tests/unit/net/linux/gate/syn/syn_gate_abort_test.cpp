// SPDX-License-Identifier: MIT
// Clients that go away before they are established: noticed in every way there is, told once.
#include <array>
#include <optional>

#include "net/linux/gate/syn/syn_attempt.h"
#include "unit/net/linux/gate/syn/syn_machine.h"
#include "unit/net/linux/netfilter/tap.h"

namespace owsk::net {
namespace {

class SynGateAbortTest : public SynGateByRouteTest {
  protected:
    static void expect_nothing_more(Machine& machine, Gate& gate) {
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.connections() + gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    }
};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateAbortTest,
                         testing::Values(by_ipv4, by_ipv4_2, by_ipv6, by_both),
                         route_name);

TEST_P(SynGateAbortTest, SamePortWithAnotherSequenceNumberIsANewAttempt) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller first(server_of(gate));
        const Address source = first.address();
        const auto old_attempt = gate.events.next_attempt();
        first.close();
        Caller second(server_of(gate), source);
        const auto new_attempt = gate.events.next_attempt();
        EXPECT_EQ(gate.events.next_aborted(), shown(source));
        EXPECT_EQ(new_attempt->remote_address(), shown(source));
        old_attempt->reject();
        new_attempt->accept();
        EXPECT_EQ(second.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateAbortTest, ClientThatClosesWhilePendedIsNoticedByAProbe) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller stays(server_of(gate));
        Caller goes(server_of(gate));
        const Address source = goes.address();
        const std::array attempts = {gate.events.next_attempt(), gate.events.next_attempt()};
        const auto before = std::chrono::steady_clock::now();
        goes.close();
        EXPECT_EQ(gate.events.next_aborted(), shown(source));
        // Silence alone would tell after 9.5 s.
        EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
        EXPECT_TRUE(stays.is_connecting()) << "probed as well, and it does not mind";
        for (const auto& attempt : attempts) {
            attempt->accept();
        }
        EXPECT_EQ(stays.outcome(), 0);
        const auto connection = gate.events.next_connection();
        ASSERT_NE(connection, nullptr);
        EXPECT_EQ(connection->remote_address(), shown(stays.address()));
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateAbortTest, AcceptedClientThatIsGoneIsAborted) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const Address source = caller.address();
        const auto attempt = gate.events.next_attempt();
        caller.close();
        // Sooner than the first probe, unless this machine is very slow.
        attempt->accept();
        EXPECT_EQ(gate.events.next_aborted(), shown(source));
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateAbortTest, RejectedClientThatIsGoneIsNotReported) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const Address source = caller.address();
        const auto attempt = gate.events.next_attempt();
        attempt->reject();
        caller.close();
        Caller again(server_of(gate), source);
        EXPECT_NE(gate.events.next_attempt(), nullptr);
        machine.settle();
        EXPECT_EQ(gate.events.aborted(), 0U);
        EXPECT_TRUE(again.is_connecting()) << "refused by the verdict on another attempt";
    });
}

// The RST may have been lost.
TEST_P(SynGateAbortTest, RejectedClientThatRepeatsItsSynIsRefusedUnasked) {
    in_own_network([] {
        ASSERT_TRUE(stay_on_cpu(static_cast<unsigned>(::sched_getcpu())));
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const SegmentSender sender = open_sender();
        const Segment syn = far_syn(server_of(gate), 1);
        sender.send(syn);
        gate.events.next_attempt()->reject();
        sender.send(syn);
        machine.settle();
        sender.send(syn);
        EXPECT_TRUE(
            comes_true([&] { return machine.network.gate_counters().retransmissions == 2; }));
        // With another sequence number it is another attempt.
        Segment anew = syn;
        anew.sequence += 100'000;
        sender.send(anew);
        EXPECT_NE(gate.events.next_attempt(), nullptr);
        expect_nothing_more(machine, gate);
    });
}

// A verdict waits for the loop of its SYN, and the client is faster.
TEST_P(SynGateAbortTest, AcceptedSynDoesNotGoOnOnceItsClientHasBegunAnew) {
    in_own_network([] {
        constexpr unsigned this_cpu = 0;
        constexpr unsigned other_cpu = 1;
        if (host::LinuxHost::cpu_count() < 2 || !stay_on_cpu(other_cpu) || !stay_on_cpu(this_cpu)) {
            not_possible_here("there is one CPU only");
        }
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Tap tap;
        Caller first(server_of(gate));
        const Address source = first.address();
        const auto old_attempt = gate.events.next_attempt();
        std::optional<Standstill> slow(std::in_place, *machine.host.cpu_loop(this_cpu));
        old_attempt->accept();
        first.close();
        stay_on_cpu(other_cpu);
        Caller second(server_of(gate), source);
        const auto new_attempt = gate.events.next_attempt();
        EXPECT_EQ(gate.events.next_aborted(), shown(source));
        slow.reset();
        machine.settle();
        const auto is_let_in = [&](const Segment& segment) {
            return segment.control == ControlBits{.ack = true, .syn = true} &&
                   segment.destination == source;
        };
        EXPECT_FALSE(tap.next(is_let_in, 0));
        new_attempt->accept();
        EXPECT_EQ(second.outcome(), 0);
        EXPECT_TRUE(tap.next(is_let_in));
        EXPECT_NE(gate.events.next_connection(), nullptr);
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateAbortTest, OnlyTheRightResetAborts) {
    in_own_network([] {
        ASSERT_TRUE(stay_on_cpu(static_cast<unsigned>(::sched_getcpu())));
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const SegmentSender sender = open_sender();
        const Segment syn = far_syn(server_of(gate), 1);
        const Segment other_syn = far_syn(server_of(gate), 2);
        sender.send(syn);
        sender.send(other_syn);
        EXPECT_TRUE(gate.events.wait_attempts(2));

        Segment reset = syn;
        reset.control = {.rst = true};
        for (const std::uint32_t off : {0U, 2U, 0x80000000U, 0U - syn.sequence}) {
            reset.sequence = syn.sequence + off;
            sender.send(reset);
            reset.control.ack = true;
            for (const std::uint32_t acknowledgement : {0U, 1U, syn.sequence, syn.sequence + 1}) {
                reset.acknowledgement = acknowledgement;
                sender.send(reset);
            }
            reset.control.ack = false;
        }
        Segment other_reset = other_syn;
        other_reset.control = {.rst = true};
        ++other_reset.sequence;
        sender.send(other_reset);
        // What was sent before has been looked at before.
        EXPECT_EQ(gate.events.next_aborted(), shown(other_syn.source));
        EXPECT_EQ(gate.events.aborted(), 0U);

        reset.sequence = syn.sequence + 1;
        sender.send(reset);
        EXPECT_EQ(gate.events.next_aborted(), shown(syn.source));
    });
}

// A box on the way may answer probes in a client's stead, or what it thinks is an attack.
TEST_P(SynGateAbortTest, ResetOfAClientThatRepeatsItsSynProvesNothing) {
    in_own_network([] {
        ASSERT_TRUE(stay_on_cpu(static_cast<unsigned>(::sched_getcpu())));
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const SegmentSender sender = open_sender();
        const Segment waits = far_syn(server_of(gate), 1);
        const Segment is_gone = far_syn(server_of(gate), 2);
        const auto reset_of = [](const Segment& syn) {
            Segment reset = syn;
            reset.control = {.rst = true};
            ++reset.sequence;
            return reset;
        };
        sender.send(waits);
        sender.send(is_gone);
        EXPECT_TRUE(gate.events.wait_attempts(2));
        const auto before = std::chrono::steady_clock::now();
        sender.send(reset_of(waits));
        sender.send(waits);
        sender.send(reset_of(waits));
        sender.send(reset_of(is_gone));
        EXPECT_EQ(gate.events.next_aborted(), shown(is_gone.source));
        // When its next SYN was overdue, and long before silence would have told.
        const auto took = std::chrono::steady_clock::now() - before;
        EXPECT_GT(took, std::chrono::seconds(1));
        EXPECT_LT(took, std::chrono::seconds(5));
        std::this_thread::sleep_for(std::chrono::seconds(3));
        EXPECT_EQ(gate.events.aborted(), 0U);
    });
}

// Nobody answers the probes, and no SYN comes again.
class SynGateSilenceTest : public SynGateAbortTest {};
// They take ten seconds, and the way of the packets has no part in it.
INSTANTIATE_TEST_SUITE_P(Routes, SynGateSilenceTest, testing::Values(by_ipv4), route_name);

TEST_P(SynGateSilenceTest, ClientThatFallsSilentIsAborted) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const Segment syn = far_syn(server_of(gate), 1);
        open_sender().send(syn);
        const auto attempt = gate.events.next_attempt();
        EXPECT_EQ(gate.events.next_aborted(), shown(syn.source));
        attempt->accept();
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateSilenceTest, PatientClientIsGivenItsTime) {
    in_own_network([] {
        constexpr std::chrono::milliseconds gap(2500);
        constexpr std::chrono::milliseconds silence(9000);
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        const SegmentSender sender = open_sender();
        const Segment patient = far_syn(server_of(gate), 1);
        sender.send(patient);
        EXPECT_NE(gate.events.next_attempt(), nullptr);
        std::this_thread::sleep_for(gap);
        sender.send(patient);
        // One that is not patient, to wait for; and a copy, which says nothing about it.
        const Segment other = far_syn(server_of(gate), 2);
        sender.send(other);
        sender.send(other);
        const auto before = std::chrono::steady_clock::now();
        EXPECT_NE(gate.events.next_attempt(), nullptr);
        EXPECT_EQ(gate.events.next_aborted(), shown(other.source));
        EXPECT_GT(std::chrono::steady_clock::now() - before, silence);
        expect_nothing_more(machine, gate);
    });
}

TEST_P(SynGateSilenceTest, WhoWaitsIsProbedEverMoreRarely) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Tap tap;
        const Caller caller(server_of(gate));
        const auto is_probe = [&](const Segment& segment) {
            return segment.control == ControlBits{.ack = true} &&
                   segment.destination == caller.address();
        };
        std::this_thread::sleep_for(std::chrono::seconds(7));
        int probes = 0;
        while (tap.next(is_probe, 0)) {
            ++probes;
        }
        // After 0.5, 1.5 and 3.5 s, and each on its way out and on its way in.
        EXPECT_GE(probes, 4);
        EXPECT_LE(probes, 6);
        EXPECT_TRUE(caller.is_connecting());
        EXPECT_EQ(gate.events.aborted(), 0U);
    });
}

TEST_P(SynGateAbortTest, ClientThatResetsWhenItIsEstablishedIsToldOnce) {
    in_own_network([] {
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start_and_accept_all();
        for (int round = 0; round < 50; ++round) {
            ConnectingClient client(server_of(gate));
            EXPECT_TRUE(client.connects());
            client.reset();
            EXPECT_TRUE(gate.events.next_attempt());
        }
        EXPECT_TRUE(
            comes_true([&] { return gate.events.connections() + gate.events.aborted() == 50; }));
        machine.settle();
        EXPECT_EQ(gate.events.attempts(), 0U) << "asked again after the handshake";
        EXPECT_EQ(gate.events.connections() + gate.events.aborted(), 50U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

// SYNs that arrive on two CPUs are in two queues, where one may overtake the other.
TEST_P(SynGateAbortTest, RetransmissionThatComesAfterTheConnectionAsksNobody) {
    in_own_network([] {
        constexpr unsigned this_cpu = 0;
        constexpr unsigned other_cpu = 1;
        if (host::LinuxHost::cpu_count() < 2 || !stay_on_cpu(other_cpu) || !stay_on_cpu(this_cpu)) {
            not_possible_here("there is one CPU only");
        }
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        const Segment syn = static_cast<const SynAttempt&>(*attempt).syn();
        // As long as it lives, its SYN is no attempt.
        std::unique_ptr<Connection> connection;
        {
            // Where the same SYN arrives once more, everything takes long.
            const Standstill slow(*machine.host.cpu_loop(other_cpu));
            stay_on_cpu(other_cpu);
            open_sender().send(syn);
            attempt->accept();
            EXPECT_EQ(caller.outcome(), 0);
            connection = gate.events.next_connection();
            EXPECT_NE(connection, nullptr);
        }
        machine.settle();
        expect_nothing_more(machine, gate);
    });
}

}  // namespace
}  // namespace owsk::net
