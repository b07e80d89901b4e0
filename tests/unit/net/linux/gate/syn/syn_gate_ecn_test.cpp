// SPDX-License-Identifier: MIT
// A SYN that asks for explicit congestion notification (RFC 3168: ECE and CWR are set) is an
// attempt as any other.
#include <fstream>

#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

class SynGateEcnTest : public SynGateByRouteTest {
  protected:
    // From now on the SYNs of this network namespace have ECE and CWR, also when they are repeated.
    static void ask_for_ecn() {
        set("tcp_ecn", '1');
        set("tcp_ecn_fallback", '0');
    }
    static bool has_ecn(const Caller& caller) {
        tcp_info info = {};
        socklen_t length = sizeof info;
        EXPECT_EQ(::getsockopt(caller.fd(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        return (info.tcpi_options & TCPI_OPT_ECN) != 0;
    }

  private:
    static void set(const std::string& name, char value) {
        std::ofstream setting("/proc/sys/net/ipv4/" + name);
        setting << value << std::flush;
        ASSERT_TRUE(setting.good()) << name;
    }
};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateEcnTest,
                         testing::Values(by_ipv4, by_ipv6, by_both),
                         route_name);

TEST_P(SynGateEcnTest, ASynWithEcnIsHeldAskedAboutOnceAndConnects) {
    in_own_network([] {
        ask_for_ecn();
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.start();
        Caller caller(server_of(gate));
        const auto attempt = gate.events.next_attempt();
        EXPECT_EQ(attempt->remote_address(), shown(caller.address()));
        // Its next SYN has the bits as well, and asks nobody.
        EXPECT_TRUE(
            comes_true([&] { return machine.network.gate_counters().retransmissions > 0; }));
        EXPECT_TRUE(caller.is_connecting());
        attempt->accept();
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_TRUE(has_ecn(caller));
        const auto connection = gate.events.next_connection();
        ASSERT_NE(connection, nullptr);
        expect_to_reach(*connection, caller);
        machine.settle();
        EXPECT_EQ(gate.events.attempts() + gate.events.aborted(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_P(SynGateEcnTest, ASynWithEcnIsRefusedWhenRejected) {
    in_own_network([] {
        ask_for_ecn();
        Machine machine(GetParam().processors);
        Gate gate(machine, GetParam().listen, GetParam().v6_only);
        gate.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        gate.start();
        Caller caller(server_of(gate));
        EXPECT_EQ(caller.outcome(), ECONNREFUSED);
        EXPECT_TRUE(gate.events.next_attempt());
    });
}

}  // namespace
}  // namespace owsk::net
