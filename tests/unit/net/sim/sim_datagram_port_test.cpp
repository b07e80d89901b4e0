// SPDX-License-Identifier: MIT
// Ports of datagrams of simulated machines.
#include "net/sim/sim_datagram_port.h"

#include "unit/net/datagram_contract.h"
#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

class SimScene {
  public:
    Network& network() { return network_; }
    host::Processor& processor() { return processor_; }
    template <typename Change>
    void change(Change what) {
        what();
    }
    template <typename Condition>
    bool wait_for(Condition condition) {
        return net.run_until(condition);
    }
    void close(DatagramPort& port) {
        ClosedTask closed;
        port.close(closed);
        EXPECT_TRUE(net.run_until([&] { return closed.came; }));
    }

    SmallInternet net;

  private:
    SimNetwork network_{net.server};
    EventProcessor processor_{net.events};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, DatagramContract, SimScene);

class SimDatagramPortTest : public testing::Test {
  protected:
    using Port = UsedPort<SimScene>;
    SimScene scene;
    UdpEndpoint peer{scene.net.client};
};

TEST_F(SimDatagramPortTest, TheWildcardSendsFromTheAddressOfTheComputer) {
    ASSERT_EQ(peer.bind(at("0.0.0.0", 53)), STATUS_SUCCESS);
    Port port(scene, at("0.0.0.0", 7));
    EXPECT_EQ(port.send(at("192.0.2.2", 53), "question").outcome, Outcome::done);
    scene.net.run_for(1ms);
    ASSERT_EQ(peer.waiting().size(), 1U);
    EXPECT_EQ(peer.waiting().front().source, at("192.0.2.1", 7));
    EXPECT_EQ(peer.waiting().front().hop_limit, default_hop_limit);
    ASSERT_EQ(port->set_option(DatagramOption::report_packet_info, 1), STATUS_SUCCESS);
    peer.send_to(at("192.0.2.1", 7), "answer");
    EXPECT_EQ(port.text(), "answer");
    const PacketInfo info = {.ip = at("192.0.2.1").ip, .interface_index = sim_link_interface};
    EXPECT_EQ(port.datagram().header.packet_info, info);
}

TEST_F(SimDatagramPortTest, ABroadcastReachesEveryComputer) {
    Computer third(scene.net.internet, "third", {at("192.0.2.3")});
    Computer ipv6_alone(scene.net.internet, "ipv6 alone", {at("2001:db8::4")});
    UdpEndpoint another(third);
    ASSERT_EQ(peer.bind(at("0.0.0.0", 7)), STATUS_SUCCESS);
    ASSERT_EQ(another.bind(at("0.0.0.0", 7)), STATUS_SUCCESS);
    Port port(scene, at("0.0.0.0", 7));
    EXPECT_EQ(port.send(at("255.255.255.255", 7), "x").status, STATUS_ACCESS_DENIED);
    ASSERT_EQ(port->set_option(DatagramOption::broadcast, 1), STATUS_SUCCESS);
    EXPECT_EQ(port.send(at("255.255.255.255", 7), "to all").outcome, Outcome::done);
    EXPECT_EQ(port.text(), "to all");
    EXPECT_TRUE(port.datagram().is_broadcast);
    scene.net.run_for(1ms);
    EXPECT_EQ(peer.waiting().size(), 1U);
    EXPECT_EQ(another.waiting().size(), 1U);
}

TEST_F(SimDatagramPortTest, HearsItsGroupsOfIpv6) {
    expect_group(scene, at("::"), at("ff05::1234"), sim_link_interface);
}

TEST_F(SimDatagramPortTest, AGroupReachesItsMembersAndNobodyAnswersForOthers) {
    Port port(scene, at("0.0.0.0", 7));
    ASSERT_EQ(port->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
    ASSERT_EQ(peer.bind(at("0.0.0.0", 7)), STATUS_SUCCESS);
    ASSERT_EQ(peer.join(at("239.1.2.3")), STATUS_SUCCESS);
    ASSERT_EQ(port->join_group(at("239.1.2.3"), 0), STATUS_SUCCESS);
    ASSERT_EQ(port->set_option(DatagramOption::multicast_loopback, 0), STATUS_SUCCESS);
    port.send(at("239.1.2.3", 7), "not for me");
    port.send(at("239.1.2.3", 8), "for nobody");
    scene.net.run_for(1ms);
    EXPECT_EQ(peer.waiting().size(), 1U);
    ReceivedDatagram none;
    EXPECT_EQ(port->receive({}, none).outcome, Outcome::would_block);
}

TEST_F(SimDatagramPortTest, WhatMayNotBeFragmentedHasToFit) {
    Port port(scene, at("192.0.2.1"));
    scene.net.internet.set_default_link({.mtu = 1000});
    const Address to = at("192.0.2.2", 53);
    EXPECT_EQ(port.send(to, std::string(973, 'x')).outcome, Outcome::done);
    ASSERT_EQ(port->set_option(DatagramOption::do_not_fragment, 1), STATUS_SUCCESS);
    EXPECT_EQ(port.send(to, std::string(973, 'x')).status, STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(port.send(to, std::string(972, 'x')).outcome, Outcome::done);
}

TEST_F(SimDatagramPortTest, EachOfSeveralDatagramsHasToFit) {
    Port port(scene, at("192.0.2.1"));
    scene.net.internet.set_default_link({.mtu = 1000});
    const Address to = at("192.0.2.2", 53);
    const std::string text(2500, 'x');
    EXPECT_EQ(port.send(to, text, {.segment_size = 973}).status, STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(port.send(to, text, {.segment_size = 972}).outcome, Outcome::done);
}

TEST_F(SimDatagramPortTest, DatagramsOfOneSenderAreReceivedTogetherUpToAShorterOne) {
    Port port(scene, at("192.0.2.1"));
    UdpEndpoint other{scene.net.client};
    ASSERT_EQ(peer.bind(at("192.0.2.2")), STATUS_SUCCESS);
    ASSERT_EQ(other.bind(at("192.0.2.2")), STATUS_SUCCESS);
    ASSERT_EQ(port->set_option(DatagramOption::coalesced_max, 11), STATUS_SUCCESS);
    const Address to = port->local_address();
    for (const char* text : {"abcd", "efgh", "ij", "klmn", "opqr", "stuv", "wxyz!", "", "AB"}) {
        peer.send_to(to, text);
    }
    other.send_to(to, "CD");
    scene.net.run_for(1ms);
    const std::pair<const char*, std::optional<std::uint32_t>> expected[] = {
        {"abcdefghij", 4},  // a shorter one is the last
        {"klmnopqr", 4},    // one more would be too long
        {"stuv", {}},       // the next is longer
        {"wxyz!", {}},      // an empty one stays by itself
        {"", {}},
        {"AB", {}},  // the next is of another sender
        {"CD", {}},
    };
    for (const auto& [text, size] : expected) {
        EXPECT_EQ(port.text(), text);
        EXPECT_EQ(port.datagram().header.segment_size, size) << text;
    }
}

TEST_F(SimDatagramPortTest, WhatMayNotBeFragmentedIsLostOnceOnANarrowWay) {
    Port port(scene, at("192.0.2.1"));
    scene.net.internet.set_default_link({.path_mtu = 1300});
    const Address to = at("192.0.2.2", 53);
    ASSERT_EQ(port->set_option(DatagramOption::do_not_fragment, 1), STATUS_SUCCESS);
    EXPECT_EQ(port.send(to, std::string(1273, 'x')).outcome, Outcome::done);
    scene.net.run_for(1ms);
    EXPECT_EQ(port.send(to, std::string(1273, 'x')).status, STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(port.send(to, std::string(1272, 'x')).outcome, Outcome::done);
}

TEST_F(SimDatagramPortTest, WhatItsBufferHasNoRoomForIsLost) {
    Port port(scene, at("192.0.2.1"));
    ASSERT_EQ(peer.bind(at("192.0.2.2")), STATUS_SUCCESS);
    ASSERT_EQ(port->set_option(DatagramOption::receive_buffer, 4), STATUS_SUCCESS);
    peer.send_to(port->local_address(), "123");
    peer.send_to(port->local_address(), "45");
    EXPECT_EQ(port.text(), "123");
    peer.send_to(port->local_address(), "67");
    EXPECT_EQ(port.text(), "67");
}

TEST_F(SimDatagramPortTest, OfThoseThatShareAPortTheNewestIsSpokenTo) {
    Port first(scene, at("192.0.2.1"));
    first->allow_port_sharing(true);
    Port second(scene, first->local_address(), {.share_port = true});
    ASSERT_EQ(peer.bind(at("192.0.2.2")), STATUS_SUCCESS);
    peer.send_to(first->local_address(), "x");
    EXPECT_EQ(second.text(), "x");
}

}  // namespace
}  // namespace owsk::net
