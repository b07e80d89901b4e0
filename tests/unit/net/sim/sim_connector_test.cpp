// SPDX-License-Identifier: MIT
// Connections that a simulated machine makes.
#include "net/sim/sim_connector.h"

#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

class ConnectorLog final : public ConnectorEvents {
  public:
    void on_connected(std::unique_ptr<Connection> made) noexcept override {
        connection = std::move(made);
    }
    void on_not_connected(unsigned attempt, NTSTATUS status) noexcept override {
        EXPECT_EQ(attempt, failures.size() + 1);
        failures.push_back(status);
    }

    std::unique_ptr<Connection> connection;
    std::vector<NTSTATUS> failures;
};

class SimConnectorTest : public testing::Test {
  protected:
    std::unique_ptr<Connector> bind(const Address& address) {
        Result<std::unique_ptr<Connector>> connector = network.bind(address, {});
        EXPECT_TRUE(connector.has_value());
        return connector ? std::move(*connector) : nullptr;
    }

    SmallInternet net;
    SimNetwork network{net.server};
    EventProcessor processor{net.events};
    ConnectorLog log;
};

TEST_F(SimConnectorTest, AConnectionIsAnnounced) {
    TcpServer peer(net.client);
    ASSERT_EQ(peer.listen(at("192.0.2.2", 7)), STATUS_SUCCESS);
    const std::unique_ptr<Connector> connector = bind(at("0.0.0.0"));
    ASSERT_EQ(connector->connect(peer.local(), 1, processor, log), STATUS_SUCCESS);
    EXPECT_EQ(log.connection, nullptr);
    ASSERT_TRUE(net.run_until([&] { return log.connection != nullptr; }));
    Address local = at("192.0.2.1");
    local.port = connector->local_address().port;
    EXPECT_EQ(log.connection->local_address(), local);
    std::unique_ptr<TcpEndpoint> accepted;
    ASSERT_TRUE(net.run_until([&] { return (accepted = peer.accept()) != nullptr; }));
    EXPECT_EQ(accepted->remote(), local);
    EXPECT_EQ(connector->connect(peer.local(), 2, processor, log), STATUS_INVALID_DEVICE_STATE);
}

TEST_F(SimConnectorTest, ARefusalAndASilenceAreAnnounced) {
    const std::unique_ptr<Connector> connector = bind(at("0.0.0.0"));
    ASSERT_EQ(connector->connect(at("192.0.2.2", 7), 1, processor, log), STATUS_SUCCESS);
    ASSERT_TRUE(net.run_until([&] { return !log.failures.empty(); }));
    EXPECT_EQ(log.failures.back(), STATUS_CONNECTION_REFUSED);
    const Instant begun = net.events.now();
    ASSERT_EQ(connector->connect(at("192.0.2.99", 7), 2, processor, log), STATUS_SUCCESS);
    ASSERT_TRUE(net.run_until([&] { return log.failures.size() == 2; }));
    EXPECT_EQ(log.failures.back(), STATUS_IO_TIMEOUT);
    EXPECT_LT(net.events.now() - begun, 40s);
}

TEST_F(SimConnectorTest, OneThatIsGivenUpIsAnnouncedNoMore) {
    TcpServer peer(net.client);
    ASSERT_EQ(peer.listen(at("192.0.2.2", 7)), STATUS_SUCCESS);
    const std::unique_ptr<Connector> connector = bind(at("0.0.0.0"));
    ASSERT_EQ(connector->connect(peer.local(), 1, processor, log), STATUS_SUCCESS);
    connector->abandon();
    net.run_for(1h);
    EXPECT_EQ(log.connection, nullptr);
    EXPECT_TRUE(log.failures.empty());
    EXPECT_EQ(peer.accept(), nullptr);
}

TEST_F(SimConnectorTest, ItsPortIsTakenUntilItEnds) {
    std::unique_ptr<Connector> connector = bind(at("192.0.2.1"));
    const Address local = connector->local_address();
    EXPECT_EQ(network.bind(local, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(network.listen(local, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    connector.reset();
    EXPECT_TRUE(network.listen(local, {}).has_value());
}

TEST_F(SimConnectorTest, ItBecomesAListenerWhereItIsBound) {
    std::unique_ptr<Connector> connector = bind(at("192.0.2.1"));
    const Address local = connector->local_address();
    OptionValues inherited;
    inherited.remember(SocketOption::keep_alive, 1);
    Result<std::unique_ptr<Listener>> listener = connector->listen(inherited);
    ASSERT_TRUE(listener.has_value());
    EXPECT_EQ((*listener)->local_address(), local);
    EXPECT_EQ(*(*listener)->get_option(SocketOption::keep_alive), 1U);
    EXPECT_EQ(connector->listen({}).status(), STATUS_INVALID_DEVICE_STATE);
    TcpEndpoint peer(net.client);
    ASSERT_EQ(peer.connect(local), STATUS_SUCCESS);
    std::unique_ptr<Connection> accepted;
    ASSERT_TRUE(
        net.run_until([&] { return (accepted = std::move(*(*listener)->accept())) != nullptr; }));
    EXPECT_EQ(accepted->local_address(), local);
    // The port is the listener's, and only its.
    connector.reset();
    EXPECT_EQ(network.bind(local, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    listener->reset();
    EXPECT_TRUE(network.bind(local, {}).has_value());
}

TEST_F(SimConnectorTest, AfterASuccessItDoesNotListen) {
    TcpServer peer(net.client);
    ASSERT_EQ(peer.listen(at("192.0.2.2", 7)), STATUS_SUCCESS);
    const std::unique_ptr<Connector> connector = bind(at("0.0.0.0"));
    ASSERT_EQ(connector->connect(peer.local(), 1, processor, log), STATUS_SUCCESS);
    ASSERT_TRUE(net.run_until([&] { return log.connection != nullptr; }));
    EXPECT_EQ(connector->listen({}).status(), STATUS_INVALID_DEVICE_STATE);
}

TEST_F(SimConnectorTest, OneThatCannotListenKeepsItsPort) {
    std::unique_ptr<Connector> connector = bind(at("192.0.2.1"));
    const Address local = connector->local_address();
    connector->allow_port_sharing(true);
    Result<std::unique_ptr<Listener>> other = network.listen(local, {.share_port = true});
    ASSERT_TRUE(other.has_value());
    connector->allow_port_sharing(false);
    EXPECT_EQ(connector->listen({}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    other->reset();
    EXPECT_EQ(network.bind(local, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_TRUE(connector->listen({}).has_value());
}

TEST_F(SimConnectorTest, OfBothFamiliesItReachesIpv4) {
    TcpServer peer(net.client);
    ASSERT_EQ(peer.listen(at("192.0.2.2", 7)), STATUS_SUCCESS);
    Result<std::unique_ptr<Connector>> connector = network.bind(at("::"), {.v6_only = false});
    ASSERT_TRUE(connector.has_value());
    const Address there = at("::ffff:192.0.2.2", 7);
    ASSERT_EQ((*connector)->connect(there, 1, processor, log), STATUS_SUCCESS);
    ASSERT_TRUE(net.run_until([&] { return log.connection != nullptr; }));
    EXPECT_EQ(log.connection->remote_address(), there);
    EXPECT_EQ(log.connection->local_address(),
              at("::ffff:192.0.2.1", (*connector)->local_address().port));
    EXPECT_EQ(bind(at("::"))->connect(there, 1, processor, log), STATUS_NETWORK_UNREACHABLE);
}

}  // namespace
}  // namespace owsk::net
