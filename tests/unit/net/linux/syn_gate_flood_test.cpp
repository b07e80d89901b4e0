// SPDX-License-Identifier: MIT
// More SYNs than the table has room for, and what slips past the gate because of that.
#include <sys/ioctl.h>

#include <cstring>

#include "net/linux/syn_attempt.h"
#include "unit/net/linux/syn_machine.h"

namespace owsk::net {
namespace {

// The bound of the table, and how many SYNs always fit into the buffer before it.
constexpr std::uint32_t requests_max = 4096;
constexpr std::uint32_t at_once = 64;

class SynGateFloodTest : public SynGateTest {
  protected:
    // Fills the table from hosts that cannot be reached, apart from `left_free` places.
    static void fill(Gate& gate, std::uint32_t left_free = 0) {
        const SegmentSender sender = open_sender();
        const Address server = with_port(ipv4_loopback, gate.port());
        for (std::uint32_t number = 0; number < requests_max - left_free; ++number) {
            sender.send(far_syn(server, number));
            // The kernel loses what it cannot hand over.
            if (number % at_once == 0) {
                ASSERT_TRUE(gate.events.wait_requests(number + 1));
            }
        }
        ASSERT_TRUE(gate.events.wait_requests(requests_max - left_free));
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
        EXPECT_EQ(gate.events.requests(), requests_max);
        EXPECT_EQ(gate.events.connections(), 0U);
        make_far_hosts_ours();
        EXPECT_NE(gate.events.next_aborted().port, 0);
        // It tries again, and now there is room.
        EXPECT_TRUE(gate.events.wait_requests(requests_max + 1));
        const auto attempt = gate.events.latest_request_from(caller.address());
        ASSERT_NE(attempt, nullptr);
        attempt->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(gate.events.next_connection(), nullptr);
        EXPECT_TRUE(comes_true([&] { return gate.events.aborted() == requests_max - 1; }));
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
        const GateCounters counters = machine.network.gate_counters();
        EXPECT_EQ(counters.dropped + counters.late_inspected, 0U);
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
                const auto attempt = gate.events.latest_request_from(caller.address());
                syn = static_cast<const SynAttempt&>(*attempt).syn();
            }
            Caller caller;
            std::unique_ptr<Connection> connection;
            Segment syn;
        };
        const Connected first(gate);
        // It takes the place of the first.
        const Connected second(gate);
        const std::uint32_t asked = requests_max + 1;
        EXPECT_TRUE(gate.events.wait_requests(asked));
        // While a connection lives, copies of its SYN ask nobody.
        const SegmentSender sender = open_sender();
        sender.send(first.syn);
        sender.send(second.syn);
        machine.settle();
        EXPECT_EQ(gate.events.requests(), asked);
        EXPECT_EQ(gate.events.aborted(), 0U);
        first.connection->abort();
        sender.send(first.syn);
        EXPECT_TRUE(gate.events.wait_requests(asked + 1)) << "nobody is asked after its end";
    });
}

// Its place was given away while it waited to be accepted.
TEST_F(SynGateFloodTest, ConnectionThatTheGateNoLongerKnowsIsInspectedLate) {
    in_own_network([] {
        Machine machine;
        Gate gate(machine, ipv4_loopback);
        gate.start();
        const Address server = with_port(ipv4_loopback, gate.port());
        fill(gate, 1);
        Caller caller(server);
        EXPECT_TRUE(gate.events.wait_requests(requests_max));
        const auto attempt = gate.events.latest_request_from(caller.address());
        {
            const Standstill busy(machine.processor());
            attempt->accept();
            EXPECT_EQ(caller.outcome(), 0);
            // One that takes its place, and one for which there is none.
            const SegmentSender sender = open_sender();
            sender.send(far_syn(server, requests_max));
            sender.send(far_syn(server, requests_max + 1));
            EXPECT_TRUE(comes_true([&] { return machine.network.gate_counters().dropped > 0; }));
        }
        EXPECT_EQ(gate.events.next_aborted(), caller.address());
        EXPECT_TRUE(gate.events.wait_requests(requests_max + 2));
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 1U);
        EXPECT_EQ(gate.events.connections(), 0U) << "not without a verdict";
        const auto late = gate.events.latest_request_from(caller.address());
        ASSERT_NE(late, attempt);
        late->accept();
        EXPECT_NE(gate.events.next_connection(), nullptr);
    });
}

}  // namespace
}  // namespace owsk::net
