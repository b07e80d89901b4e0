// SPDX-License-Identifier: MIT
// Connections that are made: what is announced of a handshake, and what is left of one that failed
// or was given up.
#include "net/linux/connector.h"

#include <sys/socket.h>

#include "net/linux/sockaddr.h"
#include "unit/net/linux/client.h"
#include "unit/net/linux/connector_recorder.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

// A port whose SYNs are ignored: the queue of those who connected is full.
class DeafServer {
  public:
    DeafServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const Sockaddr any = to_sockaddr(loopback4);
        EXPECT_EQ(::bind(fd_.get(), any.get(), any.length), 0);
        EXPECT_EQ(::listen(fd_.get(), 0), 0);
        first_ = std::make_unique<Client>(address());
        EXPECT_EQ(first_->connect_error(), 0);
    }
    Address address() const { return local_address_of(fd_.get()); }

  private:
    host::UniqueFd fd_;
    std::unique_ptr<Client> first_;
};

class LinuxConnectorTest : public WireTest {
  protected:
    std::unique_ptr<Connector> bind(const Address& address) {
        Result<std::unique_ptr<Connector>> connector = network.bind(address, {});
        EXPECT_TRUE(connector.has_value());
        return connector ? std::move(*connector) : nullptr;
    }
    // Where nobody listens.
    static Address nobody(const Address& ip) {
        Result<BoundSocket> socket = bind_socket(ip, true, false);
        return socket->local;
    }

    ConnectorRecorder events;
};

class LinuxConnectorOfBothFamiliesTest : public LinuxConnectorTest,
                                         public testing::WithParamInterface<Address> {};
INSTANTIATE_TEST_SUITE_P(Loopback,
                         LinuxConnectorOfBothFamiliesTest,
                         testing::Values(loopback4, loopback6),
                         [](const auto& about) {
                             return about.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(LinuxConnectorOfBothFamiliesTest, AConnectionIsAnnouncedAndWorks) {
    const std::unique_ptr<Listener> listener = listen(GetParam());
    PlainRecorder incoming;
    ASSERT_EQ(listener->start(processor, incoming), STATUS_SUCCESS);
    const std::unique_ptr<Connector> connector = bind(GetParam());
    ASSERT_EQ(connector->connect(listener->local_address(), 1, processor, events), STATUS_SUCCESS);
    const std::unique_ptr<Connection> made = events.wait_connected();
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->local_address(), connector->local_address());
    const std::unique_ptr<Connection> accepted = incoming.next(*listener);
    EXPECT_EQ(accepted->remote_address(), made->local_address());
    ConnectionRecorder news;
    ASSERT_EQ(made->start(processor, news), STATUS_SUCCESS);
    EXPECT_TRUE(news.wait_writable());
    EXPECT_EQ(send_text(*accepted, "hello").bytes, 5U);
    EXPECT_TRUE(news.wait_readable());
    close_and_wait(*made);
    close_and_wait(*listener);
}

TEST_P(LinuxConnectorOfBothFamiliesTest, ARefusalIsAnnouncedAndThePortStaysOurs) {
    Address any = GetParam();
    any.ip = {};
    const std::unique_ptr<Connector> connector = bind(any);
    ASSERT_EQ(connector->connect(nobody(GetParam()), 1, processor, events), STATUS_SUCCESS);
    EXPECT_EQ(events.wait_failed(), STATUS_CONNECTION_REFUSED);
    const std::unique_ptr<Listener> listener = listen(GetParam());
    ASSERT_EQ(connector->connect(listener->local_address(), 2, processor, events), STATUS_SUCCESS);
    const std::unique_ptr<Connection> made = events.wait_connected();
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->local_address().port, connector->local_address().port);
    EXPECT_EQ(connector->connect(listener->local_address(), 3, processor, events),
              STATUS_INVALID_DEVICE_STATE);
}

TEST_F(LinuxConnectorTest, OneThatIsGivenUpIsAnnouncedNoMoreAndThePortStaysOurs) {
    const DeafServer server;
    const std::unique_ptr<Connector> connector = bind(loopback4);
    const std::unique_ptr<Listener> listener = listen(loopback4);
    ASSERT_EQ(connector->connect(server.address(), 1, processor, events), STATUS_SUCCESS);
    connector->abandon();
    on_processor([] {});
    EXPECT_TRUE(events.saw_nothing());
    ASSERT_EQ(connector->connect(listener->local_address(), 2, processor, events), STATUS_SUCCESS);
    const std::unique_ptr<Connection> made = events.wait_connected();
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->local_address(), connector->local_address());
}

TEST_F(LinuxConnectorTest, AClosedOneAnnouncesNothing) {
    const DeafServer server;
    const std::unique_ptr<Connector> connector = bind(loopback4);
    ASSERT_EQ(connector->connect(server.address(), 1, processor, events), STATUS_SUCCESS);
    close_and_wait(*connector);
    EXPECT_TRUE(events.saw_nothing());
}

TEST_F(LinuxConnectorTest, TheSameTwoEndsCannotBeConnectedTwice) {
    const std::unique_ptr<Listener> listener = listen(loopback4);
    const std::unique_ptr<Connector> first = bind(loopback4);
    ASSERT_EQ(first->connect(listener->local_address(), 1, processor, events), STATUS_SUCCESS);
    const std::unique_ptr<Connection> made = events.wait_connected();
    ASSERT_NE(made, nullptr);
    const std::unique_ptr<Connector> second = bind(made->local_address());
    EXPECT_EQ(second->connect(listener->local_address(), 1, processor, events),
              STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_P(LinuxConnectorOfBothFamiliesTest, ItBecomesAListenerWhereItIsBound) {
    const std::unique_ptr<Connector> connector = bind(GetParam());
    OptionValues inherited;
    inherited.remember(SocketOption::keep_alive, 1);
    Result<std::unique_ptr<Listener>> listener = connector->listen(inherited);
    ASSERT_TRUE(listener.has_value());
    EXPECT_EQ((*listener)->local_address(), connector->local_address());
    PlainRecorder incoming;
    ASSERT_EQ((*listener)->start(processor, incoming), STATUS_SUCCESS);
    Client client((*listener)->local_address());
    const std::unique_ptr<Connection> accepted = incoming.next(**listener);
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(*accepted->get_option(SocketOption::keep_alive), 1U);
    // The port is no longer its own.
    EXPECT_EQ(connector->listen({}).status(), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(connector->connect((*listener)->local_address(), 1, processor, events),
              STATUS_INVALID_DEVICE_STATE);
    close_and_wait(**listener);
}

TEST_P(LinuxConnectorOfBothFamiliesTest, AfterARefusalItBecomesAListener) {
    const std::unique_ptr<Connector> connector = bind(GetParam());
    ASSERT_EQ(connector->connect(nobody(GetParam()), 1, processor, events), STATUS_SUCCESS);
    EXPECT_EQ(events.wait_failed(), STATUS_CONNECTION_REFUSED);
    Result<std::unique_ptr<Listener>> listener = connector->listen({});
    ASSERT_TRUE(listener.has_value());
    PlainRecorder incoming;
    ASSERT_EQ((*listener)->start(processor, incoming), STATUS_SUCCESS);
    Client client(connector->local_address());
    EXPECT_NE(incoming.next(**listener), nullptr);
    close_and_wait(*connector);
    close_and_wait(**listener);
}

TEST_F(LinuxConnectorTest, OneThatCannotListenStaysBound) {
    const std::unique_ptr<Connector> connector = bind(loopback4);
    // Another program, which Linux lets have the port as long as nobody listens.
    Result<BoundSocket> other = bind_socket(connector->local_address(), true, false);
    ASSERT_TRUE(other.has_value());
    ASSERT_EQ(::listen(other->fd.get(), 1), 0);
    EXPECT_EQ(connector->listen({}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    other->fd.reset();
    EXPECT_TRUE(connector->listen({}).has_value());
}

}  // namespace
}  // namespace owsk::net
