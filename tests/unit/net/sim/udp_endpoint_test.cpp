// SPDX-License-Identifier: MIT
// UDP sockets of simulated computers.
#include "net/sim/udp_endpoint.h"

#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

class UdpEndpointTest : public testing::Test {
  protected:
    SmallInternet net;
    UdpEndpoint here{net.server};
    UdpEndpoint there{net.client};
};

TEST_F(UdpEndpointTest, DatagramsKeepTheirBoundsAndAddresses) {
    ASSERT_EQ(here.bind(at("0.0.0.0", 53)), STATUS_SUCCESS);
    ASSERT_EQ(there.bind(at("0.0.0.0")), STATUS_SUCCESS);
    there.send_to(at("192.0.2.1", 53), "question");
    there.send_to(at("192.0.2.1", 53), "");
    net.run_for(1ms);
    ASSERT_EQ(here.waiting().size(), 2u);
    const UdpDatagram question = here.receive();
    EXPECT_EQ(question.payload, "question");
    EXPECT_EQ(question.destination, at("192.0.2.1", 53));
    EXPECT_EQ(question.source.ip, at("192.0.2.2").ip);
    EXPECT_EQ(here.receive().payload, "");
    here.send_to(question.source, "answer");
    net.run_for(1ms);
    ASSERT_EQ(there.waiting().size(), 1u);
    EXPECT_EQ(there.receive().source, at("192.0.2.1", 53));
}

TEST_F(UdpEndpointTest, PortsAreHeldOnce) {
    ASSERT_EQ(here.bind(at("192.0.2.1", 53)), STATUS_SUCCESS);
    EXPECT_EQ(here.bind(at("192.0.2.1", 54)), STATUS_INVALID_DEVICE_STATE);
    UdpEndpoint other(net.server);
    EXPECT_EQ(other.bind(at("0.0.0.0", 53)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(other.bind(at("192.0.2.2", 53)), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(other.bind(at("127.0.0.1", 53)), STATUS_SUCCESS);
}

TEST_F(UdpEndpointTest, SendingFailsForWhatCannotBe) {
    EXPECT_EQ(here.send_to(at("192.0.2.2", 1), "x"), STATUS_INVALID_DEVICE_STATE);
    ASSERT_EQ(here.bind(at("192.0.2.1", 53)), STATUS_SUCCESS);
    EXPECT_EQ(here.send_to(at("2001:db8::2", 1), "x"), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(here.send_to(at("192.0.2.2", 1), std::string(65508, 'x')),
              STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(here.send_to(at("192.0.2.2", 1), std::string(65507, 'x')), STATUS_SUCCESS);
    Computer v4_only(net.internet, "v4 only", {at("192.0.2.3")});
    UdpEndpoint v6(v4_only);
    ASSERT_EQ(v6.bind(at("::", 1)), STATUS_SUCCESS);
    EXPECT_EQ(v6.send_to(at("2001:db8::2", 1), "x"), STATUS_NETWORK_UNREACHABLE);
}

TEST_F(UdpEndpointTest, WhatIsTooLargeForTheWayIsLostOnceUnlessARouterMayFragmentIt) {
    net.internet.set_default_link({.path_mtu = 1400});
    ASSERT_EQ(here.bind(at("192.0.2.1", 53)), STATUS_SUCCESS);
    ASSERT_EQ(there.bind(at("192.0.2.2", 53)), STATUS_SUCCESS);
    UdpEndpoint here6(net.server);
    UdpEndpoint there6(net.client);
    ASSERT_EQ(here6.bind(at("2001:db8::1", 53)), STATUS_SUCCESS);
    ASSERT_EQ(there6.bind(at("2001:db8::2", 53)), STATUS_SUCCESS);
    const auto arrives = [&](UdpEndpoint& endpoint) {
        net.run_for(1ms);
        const bool has_come = !endpoint.waiting().empty();
        while (!endpoint.waiting().empty()) {
            endpoint.receive();
        }
        return has_come;
    };

    EXPECT_EQ(here.send_to(at("192.0.2.2", 53), std::string(9000, 'x')), STATUS_SUCCESS);
    EXPECT_TRUE(arrives(there));

    UdpDatagram whole = {.source = {.family = Family::ipv4},
                         .destination = at("192.0.2.2", 53),
                         .payload = std::string(1373, 'x'),
                         .may_be_fragmented = false};
    EXPECT_EQ(here.send(whole, true), STATUS_SUCCESS);  // nobody knows better yet
    EXPECT_FALSE(arrives(there));
    EXPECT_EQ(here.send(whole, true), STATUS_INVALID_BUFFER_SIZE);
    whole.payload.pop_back();
    EXPECT_EQ(here.send(whole, true), STATUS_SUCCESS);
    EXPECT_TRUE(arrives(there));

    // No router fragments IPv6; its sender does once it knows.
    EXPECT_EQ(here6.send_to(at("2001:db8::2", 53), std::string(9000, 'x')), STATUS_SUCCESS);
    EXPECT_FALSE(arrives(there6));
    EXPECT_EQ(here6.send_to(at("2001:db8::2", 53), std::string(9000, 'x')), STATUS_SUCCESS);
    EXPECT_TRUE(arrives(there6));
    EXPECT_EQ(there6.send_to(at("2001:db8::1", 53), std::string(1353, 'x')), STATUS_SUCCESS);
    EXPECT_FALSE(arrives(here6));
}

TEST_F(UdpEndpointTest, WhatExceedsTheBufferIsDroppedAndCounted) {
    ASSERT_EQ(here.bind(at("192.0.2.1", 53)), STATUS_SUCCESS);
    ASSERT_EQ(there.bind(at("192.0.2.2")), STATUS_SUCCESS);
    here.set_receive_buffer(250);
    for (int i = 0; i < 3; ++i) {
        there.send_to(here.local(), std::string(100, 'x'));
    }
    net.run_for(1ms);
    EXPECT_EQ(here.waiting().size(), 2u);
    EXPECT_EQ(here.dropped(), 1u);
    here.receive();
    there.send_to(here.local(), std::string(100, 'x'));
    net.run_for(1ms);
    EXPECT_EQ(here.waiting().size(), 2u);
}

TEST_F(UdpEndpointTest, TheMoreSpecificEndpointGetsTheDatagram) {
    Computer two(net.internet, "two addresses", {at("192.0.2.10"), at("192.0.2.11")});
    UdpEndpoint one(two);
    UdpEndpoint other(two);
    ASSERT_EQ(one.bind(at("192.0.2.10", 53)), STATUS_SUCCESS);
    ASSERT_EQ(other.bind(at("192.0.2.11", 53)), STATUS_SUCCESS);
    ASSERT_EQ(there.bind(at("192.0.2.2")), STATUS_SUCCESS);
    there.send_to(at("192.0.2.11", 53), "x");
    there.send_to(at("192.0.2.11", 54), "to a port that nobody has");
    net.run_for(1ms);
    EXPECT_EQ(one.waiting().size(), 0u);
    EXPECT_EQ(other.waiting().size(), 1u);
}

}  // namespace
}  // namespace owsk::net
