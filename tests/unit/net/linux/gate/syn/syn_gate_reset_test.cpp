// SPDX-License-Identifier: MIT
// A RST that this host sends by mistake, while the handshake of a client ends on another CPU than
// the one that its first data come from, does not reach the client.
#include "unit/net/linux/gate/syn/syn_machine.h"
#include "unit/net/linux/netfilter/tap.h"

namespace owsk::net {
namespace {

class SynGateResetTest : public SynGateByRouteTest {
  protected:
    // A client that has just been let in.
    struct Connected {
        Connected() {
            EXPECT_EQ(caller.outcome(), 0);
            connection = gate.events.next_connection();
            EXPECT_NE(connection, nullptr);
        }
        static Address start(Gate& gate) {
            gate.start_and_accept_all();
            return server_of(gate);
        }

        Machine machine{GetParam().processors};
        Gate gate{machine, GetParam().listen, GetParam().v6_only};
        Caller caller{start(gate)};
        std::unique_ptr<Connection> connection;
    };
};

INSTANTIATE_TEST_SUITE_P(Routes,
                         SynGateResetTest,
                         testing::Values(by_ipv4, by_ipv4_2, by_ipv6, by_both),
                         route_name);

TEST_P(SynGateResetTest, AMistakenResetReachesNoClientThatHasJustConnected) {
    in_own_network([] {
        Connected made;
        const SegmentSender sender = open_sender();
        const Segment reset = {.source = server_of(made.gate),
                               .destination = made.caller.address(),
                               .sequence = made.caller.next_sequence(),
                               .control = {.rst = true}};
        sender.send(reset);
        made.machine.settle();
        EXPECT_TRUE(made.caller.is_connected());
        // It would have worked: soon it can only be meant.
        const auto before = std::chrono::steady_clock::now();
        EXPECT_TRUE(comes_true([&] {
            sender.send(reset);
            return !made.caller.is_connected();
        }));
        EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
    });
}

TEST_P(SynGateResetTest, AResetForAConnectionThatIsOverIsNotHeldBack) {
    in_own_network([] {
        Connected made;
        made.connection->abort();
        EXPECT_FALSE(made.caller.is_connected());
        Tap tap;
        Segment late = {.source = made.caller.address(),
                        .destination = server_of(made.gate),
                        .sequence = 1000,
                        .control = {.ack = true, .psh = true}};
        const SegmentSender sender = open_sender();
        for (const std::uint32_t acknowledgement : {1U, 2U, 3U}) {
            late.acknowledgement = acknowledgement;
            sender.send(late);
            EXPECT_TRUE(tap.next([&](const Segment& segment) {
                return segment.control == ControlBits{.rst = true} &&
                       segment.sequence == acknowledgement;
            }));
        }
    });
}

TEST_P(SynGateResetTest, AResetThatIsMeantReachesTheClientAtOnce) {
    in_own_network([] {
        Connected made;
        made.connection->abort();
        EXPECT_FALSE(made.caller.is_connected());
    });
}

}  // namespace
}  // namespace owsk::net
