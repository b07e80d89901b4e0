// SPDX-License-Identifier: MIT
// Which addresses can be listened on, and who gets the clients.
#include "net/sim/sim_network.h"

#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

class SimNetworkTest : public testing::Test {
  protected:
    NTSTATUS listen(const Address& address, const ListenOptions& options = {}) {
        Result<std::unique_ptr<Listener>> listener = network.listen(address, options);
        if (!listener) {
            return listener.status();
        }
        listeners.push_back(std::move(*listener));
        return STATUS_SUCCESS;
    }
    TcpState connect(const Address& to) {
        clients.push_back(std::make_unique<TcpEndpoint>(net.client));
        EXPECT_EQ(clients.back()->connect(to), STATUS_SUCCESS);
        net.run_for(10ms);
        return clients.back()->state();
    }
    // The connection that a listener has, or null.
    std::unique_ptr<Connection> accept(std::size_t listener) {
        return std::move(*listeners.at(listener)->accept());
    }

    SmallInternet net;
    SimNetwork network{net.server};
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<std::unique_ptr<TcpEndpoint>> clients;
};

TEST_F(SimNetworkTest, Port0IsAnyFreeOne) {
    ASSERT_EQ(listen(at("192.0.2.1")), STATUS_SUCCESS);
    const Address local = listeners[0]->local_address();
    EXPECT_NE(local.port, 0);
    EXPECT_EQ(connect(local), TcpState::established);
    ASSERT_EQ(listen(at("192.0.2.1")), STATUS_SUCCESS);
    EXPECT_NE(listeners[1]->local_address().port, local.port);
}

TEST_F(SimNetworkTest, AnAddressOfAnotherComputerFails) {
    EXPECT_EQ(listen(at("192.0.2.2", 7)), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(listen(at("127.1.2.3", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("::1", 7)), STATUS_SUCCESS);
}

TEST_F(SimNetworkTest, AnAddressIsHeldOnce) {
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(listen(at("0.0.0.0", 7)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(listen(at("127.0.0.1", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("::", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("2001:db8::1", 7)), STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_F(SimNetworkTest, ItIsSharedIfBothHaveAgreed) {
    ListenOptions sharing;
    sharing.share_port = true;
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("0.0.0.0", 7), sharing), STATUS_ADDRESS_ALREADY_EXISTS);
    listeners[0]->allow_port_sharing(true);
    EXPECT_EQ(listen(at("0.0.0.0", 7)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(listen(at("0.0.0.0", 7), sharing), STATUS_SUCCESS);
    listeners[0]->allow_port_sharing(false);
    EXPECT_EQ(listen(at("192.0.2.1", 7), sharing), STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_F(SimNetworkTest, TheMoreSpecificListenerGetsTheClient) {
    ListenOptions sharing;
    sharing.share_port = true;
    Computer other(net.internet, "two addresses", {at("192.0.2.10"), at("192.0.2.11")});
    SimNetwork two(other);
    auto wide = std::move(*two.listen(at("0.0.0.0", 7), sharing));
    auto narrow = std::move(*two.listen(at("192.0.2.10", 7), sharing));
    EXPECT_EQ(connect(at("192.0.2.10", 7)), TcpState::established);
    EXPECT_EQ(connect(at("192.0.2.11", 7)), TcpState::established);
    EXPECT_EQ((*narrow->accept())->remote_address(), clients[0]->local());
    auto accepted = std::move(*wide->accept());
    EXPECT_EQ(accepted->remote_address(), clients[1]->local());
    EXPECT_EQ(accepted->local_address(), at("192.0.2.11", 7));
    accepted.reset();
    wide.reset();
    narrow.reset();
}

TEST_F(SimNetworkTest, AListenerForBothFamiliesShowsMappedAddresses) {
    ListenOptions both;
    both.v6_only = false;
    ASSERT_EQ(listen(at("::", 7), both), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(connect(at("192.0.2.1", 7)), TcpState::established);
    EXPECT_EQ(connect(at("2001:db8::1", 7)), TcpState::established);
    const auto v4 = accept(0);
    EXPECT_EQ(v4->local_address(), at("::ffff:192.0.2.1", 7));
    EXPECT_EQ(v4->remote_address(), v4_mapped(clients[0]->local()));
    EXPECT_EQ(accept(0)->remote_address(), clients[1]->local());
}

TEST_F(SimNetworkTest, AListenerForIpv6AloneRefusesIpv4) {
    ASSERT_EQ(listen(at("::", 7)), STATUS_SUCCESS);
    EXPECT_EQ(connect(at("192.0.2.1", 7)), TcpState::closed);
    EXPECT_EQ(clients[0]->end(), TcpEnd::refused);
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listen(at("::ffff:127.0.0.1", 8)), STATUS_INVALID_PARAMETER);
}

TEST_F(SimNetworkTest, AMappedAddressIsAnIpv4One) {
    ListenOptions both;
    both.v6_only = false;
    ASSERT_EQ(listen(at("::ffff:192.0.2.1", 7), both), STATUS_SUCCESS);
    EXPECT_EQ(connect(at("192.0.2.1", 7)), TcpState::established);
    EXPECT_EQ(accept(0)->remote_address(), v4_mapped(clients[0]->local()));
}

TEST_F(SimNetworkTest, SharersOfAnAddressEachGetClients) {
    ListenOptions sharing;
    sharing.share_port = true;
    ASSERT_EQ(listen(at("192.0.2.1", 7), sharing), STATUS_SUCCESS);
    ASSERT_EQ(listen(at("192.0.2.1", 7), sharing), STATUS_SUCCESS);
    int got[2] = {};
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(connect(at("192.0.2.1", 7)), TcpState::established);
        for (const std::size_t which : {0, 1}) {
            got[which] += accept(which) != nullptr ? 1 : 0;
        }
    }
    EXPECT_GT(got[0], 0);
    EXPECT_GT(got[1], 0);
    EXPECT_EQ(got[0] + got[1], 20);
}

TEST_F(SimNetworkTest, AClosedListenerResetsWhatWaitsAndFreesThePort) {
    EventProcessor processor(net.events);
    ListenerLog log;
    ASSERT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    listeners[0]->start(processor, log);
    EXPECT_EQ(connect(at("192.0.2.1", 7)), TcpState::established);
    EXPECT_EQ(log.incoming, 1);
    ClosedTask closed;
    listeners[0]->close(closed);
    EXPECT_FALSE(closed.came);
    net.run_for(1ms);
    EXPECT_TRUE(closed.came);
    EXPECT_EQ(clients[0]->end(), TcpEnd::reset);
    EXPECT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
}

TEST_F(SimNetworkTest, PlainListenersHaveNoGate) {
    ASSERT_EQ(listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    EXPECT_EQ(listeners[0]->gate().name, "");
    EXPECT_EQ(network.gate().name, "sim");
}

}  // namespace
}  // namespace owsk::net
