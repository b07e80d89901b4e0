// SPDX-License-Identifier: MIT
// More SYNs than the table has room for, and what slips past the gate because of that.
#include <net/route.h>
#include <sys/ioctl.h>

#include <cstring>

#include "net/linux/gate/syn/syn_attempt.h"
#include "unit/net/linux/gate/syn/syn_machine.h"
#include "unit/net/linux/netfilter/tap.h"

namespace owsk::net {
namespace {

// The bound of the table, and how many SYNs always fit into the buffer before it.
constexpr std::uint32_t attempts_max = 4096;
constexpr std::uint32_t at_once = 64;

class SynGateFloodTest : public SynGateTest {
  protected:
    // Fills the table from hosts that cannot be reached, apart from `left_free` places.
    static void fill(Gate& gate, std::uint32_t left_free = 0) {
        const SegmentSender sender = open_sender();
        const Address server = with_port(ipv4_loopback, gate.port());
        for (std::uint32_t number = 0; number < attempts_max - left_free; ++number) {
            sender.send(far_syn(server, number));
            // The kernel loses what it cannot hand over.
            if (number % at_once == 0) {
                ASSERT_TRUE(gate.events.wait_attempts(number + 1));
            }
        }
        ASSERT_TRUE(gate.events.wait_attempts(attempts_max - left_free));
    }
    // The hosts that could not be reached are now this one, where nobody knows of their SYNs.
    static void make_far_hosts_ours() {
        const host::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ifreq request = {};
        std::strcpy(request.ifr_name, "lo:1");
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(0x0A000001);
        std::memcpy(&request.ifr_addr, &address, sizeof address);
        ASSERT_EQ(::ioctl(socket.get(), SIOCSIFADDR, &request), 0) << std::strerror(errno);
        address.sin_addr.s_addr = htonl(0xFF000000);
        std::memcpy(&request.ifr_netmask, &address, sizeof address);
        ASSERT_EQ(::ioctl(socket.get(), SIOCSIFNETMASK, &request), 0) << std::strerror(errno);
    }
    // What is sent to them is seen on the loopback interface, and reaches nobody.
    static void lead_to_far_hosts_over_loopback() {
        const host::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        rtentry route = {};
        address.sin_addr.s_addr = htonl(0x0A000000);
        std::memcpy(&route.rt_dst, &address, sizeof address);
        address.sin_addr.s_addr = htonl(0xFF000000);
        std::memcpy(&route.rt_genmask, &address, sizeof address);
        char loopback[] = "lo";
        route.rt_dev = loopback;
        route.rt_flags = RTF_UP;
        ASSERT_EQ(::ioctl(socket.get(), SIOCADDRT, &route), 0) << std::strerror(errno);
    }
    // Asks for a place, as a client does that repeats its SYN, until there is one.
    static bool finds_a_place(Machine& machine, const Segment& syn) {
        const SegmentSender sender = open_sender();
        return comes_true([&] {
            sender.send(syn);
            // One that is held is known when it comes again.
            return machine.network.gate_counters().retransmissions > 0;
        });
    }
};

TEST_F(SynGateFloodTest, NobodyPassesAFullTableAndProbesFreeIt) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start();
        fill(gate);
        const Address server = with_port(ipv4_loopback, gate.port());
        Caller caller(server);
        EXPECT_TRUE(comes_true([&] { return machine.network.gate_counters().dropped > 0; }));
        EXPECT_TRUE(caller.is_connecting());
        EXPECT_EQ(gate.events.attempts(), attempts_max);
        EXPECT_EQ(gate.events.connections(), 0U);
        make_far_hosts_ours();
        EXPECT_NE(gate.events.next_aborted().port, 0);
        // It tries again, and now there is room.
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max + 1));
        const auto attempt = gate.events.latest_attempt_from(caller.address());
        ASSERT_NE(attempt, nullptr);
        attempt->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        EXPECT_TRUE(comes_true([&] { return gate.events.aborted() == attempts_max - 1; }));
    });
}

TEST_F(SynGateFloodTest, AdmittedOnesThatNeverComeMakeRoom) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start_and_accept_all();
        fill(gate);
        machine.settle();
        EXPECT_EQ(gate.events.aborted(), 0U);
        for (std::size_t count = 1; count <= 10; ++count) {
            Caller caller(with_port(ipv4_loopback, gate.port()));
            EXPECT_EQ(caller.outcome(), 0);
            EXPECT_NE(gate.events.next_connection(), nullptr);
        }
        machine.settle();
        EXPECT_GE(gate.events.aborted(), 1U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_F(SynGateFloodTest, OneMoreThanFitsMakesTheOldestForgotten) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        gate.start();
        fill(gate);
        const Address server = with_port(ipv4_loopback, gate.port());
        const SegmentSender sender = open_sender();
        sender.send(far_syn(server, attempts_max));
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max + 1));
        sender.send(far_syn(server, 0));
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max + 2)) << "it is still known";
    });
}

TEST_F(SynGateFloodTest, ThoseThatHaveConnectedMakeRoomFirst) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
        gate.start();
        fill(gate, 1);
        machine.settle();
        struct Connected {
            explicit Connected(Gate& gate) : caller(with_port(ipv4_loopback, gate.port())) {
                EXPECT_EQ(caller.outcome(), 0);
                connection = gate.events.next_connection();
                EXPECT_NE(connection, nullptr);
                const auto attempt = gate.events.latest_attempt_from(caller.address());
                syn = static_cast<const SynAttempt&>(*attempt).syn();
            }
            Caller caller;
            std::unique_ptr<Connection> connection;
            Segment syn;
        };
        const Connected first(gate);
        // It takes the place of the first.
        const Connected second(gate);
        const std::uint32_t asked = attempts_max + 1;
        EXPECT_TRUE(gate.events.wait_attempts(asked));
        // While a connection lives, copies of its SYN ask nobody.
        const SegmentSender sender = open_sender();
        sender.send(first.syn);
        sender.send(second.syn);
        machine.settle();
        EXPECT_EQ(gate.events.attempts(), asked);
        EXPECT_EQ(gate.events.aborted(), 0U);
        first.connection->abort();
        sender.send(first.syn);
        EXPECT_TRUE(gate.events.wait_attempts(asked + 1)) << "nobody is asked after its end";
    });
}

TEST_F(SynGateFloodTest, ConnectionThatWaitsToBeTakenKeepsItsPlace) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start();
        fill(gate, 2);
        const Address server = with_port(ipv4_loopback, gate.port());
        Caller caller(server);
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max - 1));
        const Segment absent = far_syn(server, attempts_max);
        open_sender().send(absent);
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max));
        {
            const Standstill busy(machine.processor());
            gate.events.latest_attempt_from(caller.address())->accept();
            EXPECT_EQ(caller.outcome(), 0);
            gate.events.latest_attempt_from(absent.source)->accept();
            EXPECT_TRUE(finds_a_place(machine, far_syn(server, attempts_max + 1)));
        }
        EXPECT_NE(gate.events.next_connection(), nullptr);
        EXPECT_EQ(gate.events.next_aborted(), absent.source);
        machine.settle();
        EXPECT_EQ(gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

// Others may have its place by the time that the RST is sent.
TEST_F(SynGateFloodTest, AMistakenResetReachesNoClientThatHasConnectedAndIsForgotten) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.events.answer = [](ConnectionAttempt& attempt) {
            // Those that fill the table wait.
            if (attempt.remote_address().ip[0] == 127) {
                attempt.accept();
            }
        };
        gate.start();
        fill(gate, 1);
        const Address server = with_port(ipv4_loopback, gate.port());
        Caller first(server);
        EXPECT_EQ(first.outcome(), 0);
        const auto kept = gate.events.next_connection();
        EXPECT_NE(kept, nullptr);
        Caller second(server);
        EXPECT_EQ(second.outcome(), 0);
        open_sender().send({.source = server,
                            .destination = first.address(),
                            .sequence = first.next_sequence(),
                            .control = {.rst = true}});
        machine.settle();
        EXPECT_TRUE(first.is_connected());
        EXPECT_EQ(machine.network.gate_counters().resets_withheld, 1U);
    });
}

// Its place was given away while it did not answer.
TEST_F(SynGateFloodTest, ConnectionThatTheGateNoLongerKnowsIsInspectedLate) {
    in_own_network([] {
        lead_to_far_hosts_over_loopback();
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start();
        fill(gate, 1);
        const Address server = with_port(ipv4_loopback, gate.port());
        const Segment slow = far_syn(server, attempts_max);
        const SegmentSender sender = open_sender();
        sender.send(slow);
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max));
        const auto attempt = gate.events.latest_attempt_from(slow.source);
        Tap tap;
        attempt->accept();
        const auto answer =
            tap.next([&](const Segment& segment) { return segment.destination == slow.source; });
        ASSERT_TRUE(answer);
        EXPECT_TRUE(finds_a_place(machine, far_syn(server, attempts_max + 1)));
        EXPECT_EQ(gate.events.next_aborted(), slow.source);
        sender.send({.source = slow.source,
                     .destination = server,
                     .sequence = slow.sequence + 1,
                     .acknowledgement = answer->sequence + 1,
                     .control = {.ack = true}});
        EXPECT_TRUE(gate.events.wait_attempts(attempts_max + 2));
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 1U);
        EXPECT_EQ(gate.events.connections(), 0U) << "not without a verdict";
        const auto late = gate.events.latest_attempt_from(slow.source);
        ASSERT_NE(late, attempt);
        late->accept();
        EXPECT_NE(gate.events.next_connection(), nullptr);
    });
}

}  // namespace
}  // namespace owsk::net
