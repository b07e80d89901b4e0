// SPDX-License-Identifier: MIT
// What the kernel says about connections in every state, of both families.
#include "net/linux/gate/syn/connection_table.h"

#include "unit/net/linux/client.h"
#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

constexpr std::uint32_t loopback_interface = 1;

class ConnectionTableTest : public OwnNetworkTest, public testing::WithParamInterface<Address> {
  protected:
    static Presence look_up(const Address& local, const Address& remote) {
        ConnectionTable table;
        return table.look_up(local, remote, loopback_interface);
    }
};

INSTANTIATE_TEST_SUITE_P(Loopback,
                         ConnectionTableTest,
                         testing::Values(ipv4_loopback, ipv6_loopback),
                         [](const auto& param) {
                             return param.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(ConnectionTableTest, ConnectionIsFoundAndItsNeighbourAbsent) {
    in_own_network([] {
        const Server server(GetParam());
        const Caller caller(server.address());
        Caller connected(server.address());
        EXPECT_EQ(connected.outcome(), 0);
        EXPECT_EQ(look_up(server.address(), connected.address()), Presence::connected);
        Address other = connected.address();
        other.port ^= 1;
        EXPECT_EQ(look_up(server.address(), other), Presence::absent);
    });
}

TEST_P(ConnectionTableTest, ConnectionThatWasResetIsAbsent) {
    in_own_network([] {
        const Server server(GetParam());
        Client client(server.address());
        EXPECT_EQ(client.connect_error(), 0);
        const Address address = client.address();
        EXPECT_EQ(look_up(server.address(), address), Presence::connected);
        client.reset();
        EXPECT_EQ(look_up(server.address(), address), Presence::absent);
    });
}

TEST_P(ConnectionTableTest, ConnectionThatIsHalfClosedLives) {
    in_own_network([] {
        const Server server(GetParam());
        Client client(server.address());
        client.finish();
        EXPECT_EQ(look_up(server.address(), client.address()), Presence::connected);
        EXPECT_EQ(look_up(client.address(), server.address()), Presence::connected);
    });
}

TEST_P(ConnectionTableTest, NothingIsKnownWhereNobodyListens) {
    in_own_network([] {
        EXPECT_EQ(look_up(with_port(GetParam(), 80), with_port(GetParam(), 81)), Presence::unknown);
    });
}

TEST_P(ConnectionTableTest, OneTableAnswersManyQuestions) {
    in_own_network([] {
        const Server server(GetParam());
        ConnectionTable table;
        Caller connected(server.address());
        EXPECT_EQ(connected.outcome(), 0);
        for (int round = 0; round < 100; ++round) {
            EXPECT_EQ(table.look_up(server.address(), connected.address(), loopback_interface),
                      Presence::connected);
            EXPECT_EQ(table.look_up(server.address(), with_port(GetParam(), 9), loopback_interface),
                      Presence::absent);
        }
    });
}

}  // namespace
}  // namespace owsk::net
