// SPDX-License-Identifier: MIT
// How connections come to be: CLOSED, SYN-SENT, SYN-RECEIVED, ESTABLISHED.
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

const Address port_7 = at("192.0.2.1", 7);

class TcpHandshake : public testing::Test {
  protected:
    // Only as many connections as the backlog says wait.
    void listen(std::size_t backlog = default_backlog) {
        ASSERT_EQ(listener.listen(port_7, backlog), STATUS_SUCCESS);
    }

    SmallInternet net;
    RawPeer peer{net, "192.0.2.66"};
    TcpServer listener{net.server};
    TcpEndpoint endpoint{net.client};
};

TEST_F(TcpHandshake, ConnectsInThreeSegments) {
    listen();
    peer.send({.sequence = 1000,
               .controls = Control::syn,
               .window = 4000,
               .maximum_segment_size = std::uint16_t{1000},
               .window_scale = std::uint8_t{2}});
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "SYN|ACK");
    EXPECT_EQ(answer.acknowledgment, 1001u);
    EXPECT_EQ(answer.maximum_segment_size, 1460);
    EXPECT_EQ(answer.window_scale, 7);
    EXPECT_EQ(answer.source, port_7);
    EXPECT_EQ(answer.destination, peer.local());
    EXPECT_EQ(listener.accept(), nullptr);
    peer.send(Control::ack, 1001, answer.sequence + 1);
    net.run_for(1ms);
    const auto accepted = listener.accept();
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->state(), TcpState::established);
    EXPECT_EQ(accepted->remote(), peer.local());
    // The peer's limits are kept: 1000 bytes in a segment, and a window of 4 times what it says.
    peer.window = 500;
    accepted->send(std::string(5000, 'x'));
    EXPECT_EQ(peer.next().payload.size(), 1000u);
}

TEST_F(TcpHandshake, ScalesOnlyIfThePeerDoes) {
    listen();
    peer.send(Control::syn, 1000);
    const TcpSegment answer = peer.next();
    EXPECT_FALSE(answer.window_scale.has_value());
    peer.send(Control::ack, 1001, answer.sequence + 1);
    peer.send(Control::ack | Control::psh, 1001, answer.sequence + 1, "abc");
    // 128 KiB of buffer, but no more can be said.
    EXPECT_EQ(peer.next().window, 65535);
}

TEST_F(TcpHandshake, AcceptsDataWithTheLastSegment) {
    listen();
    peer.send(Control::syn, 1000);
    const std::uint32_t next = peer.next().sequence + 1;
    peer.send(Control::ack | Control::psh | Control::fin, 1001, next, "hello");
    EXPECT_EQ(peer.next().acknowledgment, 1007u);
    const auto accepted = listener.accept();
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->received(), "hello");
    EXPECT_EQ(accepted->state(), TcpState::close_wait);
    EXPECT_TRUE(accepted->saw_end_of_stream());
}

TEST_F(TcpHandshake, OpensToAPeer) {
    ASSERT_EQ(endpoint.connect(at("192.0.2.66", 5000)), STATUS_SUCCESS);
    EXPECT_EQ(endpoint.state(), TcpState::syn_sent);
    peer.answer();
    EXPECT_EQ(endpoint.state(), TcpState::established);
    EXPECT_EQ(endpoint.local().ip, at("192.0.2.2").ip);
}

TEST_F(TcpHandshake, AnAcknowledgmentOfNothingInSynSentIsReset) {
    endpoint.connect(at("192.0.2.66", 5000));
    const TcpSegment syn = peer.next();
    peer.set_remote(syn.source);
    peer.send(Control::ack, 1, syn.sequence + 5);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "RST");
    EXPECT_EQ(answer.sequence, syn.sequence + 5);
    EXPECT_EQ(endpoint.state(), TcpState::syn_sent);
    // Neither does a RST count that acknowledges something else, or nothing.
    peer.send(Control::rst | Control::ack, 1, syn.sequence);
    peer.send(Control::rst, 1);
    net.run_for(1ms);
    EXPECT_EQ(endpoint.state(), TcpState::syn_sent);
}

TEST_F(TcpHandshake, ARstInAnswerToTheSynIsARefusal) {
    endpoint.connect(at("192.0.2.66", 5000));
    const TcpSegment syn = peer.next();
    peer.set_remote(syn.source);
    peer.send(Control::rst | Control::ack, 0, syn.sequence + 1);
    net.run_for(1ms);
    EXPECT_EQ(endpoint.end(), TcpEnd::refused);
    EXPECT_EQ(endpoint.state(), TcpState::closed);
}

TEST_F(TcpHandshake, AClosedPortRefuses) {
    endpoint.connect(port_7);
    net.run_for(1ms);
    EXPECT_EQ(endpoint.end(), TcpEnd::refused);
    // To a SYN, and to an acknowledgment.
    peer.send(Control::syn, 1000);
    TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "RST|ACK");
    EXPECT_EQ(answer.sequence, 0u);
    EXPECT_EQ(answer.acknowledgment, 1001u);
    peer.send(Control::ack, 1001, 77);
    answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "RST");
    EXPECT_EQ(answer.sequence, 77u);
    // But never to a RST.
    peer.send(Control::rst, 1001);
    EXPECT_FALSE(peer.hears_within(1h));
}

TEST_F(TcpHandshake, ASynIsSentSevenTimes) {
    endpoint.connect(at("192.0.2.66", 5000));
    const std::uint32_t first = peer.next().sequence;
    Duration waited = 1s;
    for (int i = 0; i < 6; ++i) {
        const Instant before = net.events.now();
        const TcpSegment again = peer.next();
        EXPECT_EQ(to_string(again.controls), "SYN");
        EXPECT_EQ(again.sequence, first);
        EXPECT_EQ(std::chrono::round<std::chrono::milliseconds>(net.events.now() - before), waited);
        waited *= 2;
    }
    EXPECT_FALSE(peer.hears_within(1h));
    EXPECT_EQ(endpoint.end(), TcpEnd::timed_out);
}

TEST_F(TcpHandshake, ASynAndAckIsSentSixTimes) {
    listen();
    peer.send(Control::syn, 1000);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(peer.next_controls(), "SYN|ACK");
    }
    EXPECT_FALSE(peer.hears_within(1h));
    // Nothing is left of it.
    EXPECT_EQ(net.server.tcp().connections(), 0u);
    peer.connect(2000);
    EXPECT_NE(listener.accept(), nullptr);
}

TEST_F(TcpHandshake, ARepeatedSynIsAnsweredAsTheFirst) {
    listen();
    peer.send(Control::syn, 1000);
    const std::uint32_t first = peer.next().sequence;
    peer.send(Control::syn, 1000);
    const TcpSegment again = peer.next();
    EXPECT_EQ(to_string(again.controls), "SYN|ACK");
    EXPECT_EQ(again.sequence, first);
}

TEST_F(TcpHandshake, InSynReceivedAWrongAcknowledgmentIsReset) {
    listen();
    peer.send(Control::syn, 1000);
    const std::uint32_t next = peer.next().sequence + 1;
    peer.send(Control::ack, 1001, next + 1);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "RST");
    EXPECT_EQ(answer.sequence, next + 1);
    // The connection is still to be had.
    peer.send(Control::ack, 1001, next);
    net.run_for(1ms);
    EXPECT_NE(listener.accept(), nullptr);
}

TEST_F(TcpHandshake, InSynReceivedARstEndsIt) {
    listen();
    peer.send(Control::syn, 1000);
    peer.next();
    EXPECT_EQ(net.server.tcp().connections(), 1u);
    peer.send(Control::rst, 1001);
    net.run_for(1ms);
    EXPECT_EQ(net.server.tcp().connections(), 0u);
    EXPECT_FALSE(peer.hears_within(10min));
}

TEST_F(TcpHandshake, BothMayOpenAtOnce) {
    // Each from the port that the other one connects to.
    TcpEndpoint other(net.server);
    endpoint.connect(at("192.0.2.1", 6001), at("192.0.2.2", 6002));
    other.connect(at("192.0.2.2", 6002), at("192.0.2.1", 6001));
    net.run_for(60us);
    EXPECT_EQ(endpoint.state(), TcpState::syn_received);
    EXPECT_EQ(other.state(), TcpState::syn_received);
    net.run_for(1ms);
    EXPECT_EQ(endpoint.state(), TcpState::established);
    EXPECT_EQ(other.state(), TcpState::established);
    endpoint.send("left");
    other.send("right");
    net.run_for(1ms);
    EXPECT_EQ(endpoint.received(), "right");
    EXPECT_EQ(other.received(), "left");
}

TEST_F(TcpHandshake, SimultaneousOpenSegmentBySegment) {
    endpoint.connect(at("192.0.2.66", 5000));
    const TcpSegment syn = peer.next();
    peer.set_remote(syn.source);
    peer.send(Control::syn, 1000);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "SYN|ACK");
    EXPECT_EQ(answer.sequence, syn.sequence);
    EXPECT_EQ(answer.acknowledgment, 1001u);
    EXPECT_EQ(endpoint.state(), TcpState::syn_received);
    peer.send(Control::syn | Control::ack, 1000, syn.sequence + 1);
    net.run_for(1ms);
    EXPECT_EQ(endpoint.state(), TcpState::established);
}

TEST_F(TcpHandshake, WhatTheBacklogHasNoRoomForIsDropped) {
    listen(2);
    TcpEndpoint clients[4] = {TcpEndpoint(net.client),
                              TcpEndpoint(net.client),
                              TcpEndpoint(net.client),
                              TcpEndpoint(net.client)};
    for (TcpEndpoint& one : clients) {
        one.connect(port_7);
    }
    net.run_for(500ms);
    EXPECT_EQ(clients[0].state(), TcpState::established);
    EXPECT_EQ(clients[1].state(), TcpState::established);
    EXPECT_EQ(clients[2].state(), TcpState::syn_sent);
    EXPECT_EQ(clients[3].state(), TcpState::syn_sent);
    EXPECT_NE(listener.accept(), nullptr);
    EXPECT_NE(listener.accept(), nullptr);
    EXPECT_EQ(listener.accept(), nullptr);
    // They try again.
    net.run_for(1s);
    EXPECT_EQ(clients[2].state(), TcpState::established);
    EXPECT_EQ(clients[3].state(), TcpState::established);
    EXPECT_NE(listener.accept(), nullptr);
}

TEST_F(TcpHandshake, TheLastSegmentCountsAsLostIfTheBacklogHasNoRoom) {
    listen(1);
    RawPeer other(net, "192.0.2.67");
    // Both in SYN-RECEIVED; one of them fills the backlog.
    peer.send(Control::syn, 1000);
    const std::uint32_t next = peer.next().sequence + 1;
    EXPECT_EQ(net.server.tcp().connections(), 1u);
    TcpEndpoint first(net.client);
    peer.send(Control::ack, 1001, next);
    net.run_for(1ms);
    other.send(Control::syn, 1000);
    EXPECT_FALSE(other.hears_within(100ms));
    EXPECT_NE(listener.accept(), nullptr);
    other.connect();
    EXPECT_NE(listener.accept(), nullptr);
}

TEST_F(TcpHandshake, AClosedListenerResetsWhatWaits) {
    listen();
    peer.connect();
    RawPeer other(net, "192.0.2.67");
    other.send(Control::syn, 1000);
    other.next();
    listener.close();
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
    EXPECT_EQ(other.next_controls(), "RST|ACK");
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpHandshake, AClosedClientInSynSentFallsSilent) {
    endpoint.connect(at("192.0.2.66", 5000));
    peer.next();
    endpoint.close();
    EXPECT_FALSE(peer.hears_within(1h));
    EXPECT_EQ(net.client.tcp().connections(), 0u);
}

TEST_F(TcpHandshake, AResetClientInSynSentSaysSo) {
    endpoint.connect(at("192.0.2.66", 5000));
    const TcpSegment syn = peer.next();
    endpoint.reset();
    const TcpSegment reset = peer.next();
    EXPECT_EQ(to_string(reset.controls), "RST");
    EXPECT_EQ(reset.sequence, syn.sequence + 1);
}

TEST_F(TcpHandshake, SequenceNumbersComeFromTheSeed) {
    const auto first_sequence = [](std::uint64_t seed) {
        SmallInternet own(seed);
        RawPeer raw(own, "192.0.2.66");
        TcpEndpoint one(own.client);
        one.connect(at("192.0.2.66", 5000));
        return raw.next().sequence;
    };
    EXPECT_EQ(first_sequence(5), first_sequence(5));
    EXPECT_NE(first_sequence(5), first_sequence(6));
}

TEST_F(TcpHandshake, ConnectsOverLoopbackAndOverIpv6) {
    listen();
    TcpServer v6(net.server);
    ASSERT_EQ(v6.listen(at("2001:db8::1", 7)), STATUS_SUCCESS);
    TcpEndpoint over_v6(net.client);
    ASSERT_EQ(over_v6.connect(at("2001:db8::1", 7)), STATUS_SUCCESS);
    TcpServer inside(net.server);
    ASSERT_EQ(inside.listen(at("127.0.0.1", 7)), STATUS_SUCCESS);
    TcpEndpoint over_loopback(net.server);
    ASSERT_EQ(over_loopback.connect(at("127.0.0.1", 7)), STATUS_SUCCESS);
    net.run_for(1ms);
    EXPECT_EQ(over_v6.state(), TcpState::established);
    EXPECT_EQ(over_v6.local().ip, at("2001:db8::2").ip);
    EXPECT_EQ(over_loopback.state(), TcpState::established);
    EXPECT_EQ(over_loopback.local().ip, at("127.0.0.1").ip);
}

TEST_F(TcpHandshake, ConnectFailsForAddressesThatCannotBe) {
    EXPECT_EQ(endpoint.connect(port_7, at("192.0.2.99", 0)), STATUS_INVALID_ADDRESS_COMPONENT);
    Computer v4_only(net.internet, "v4 only", {at("192.0.2.3")});
    TcpEndpoint one(v4_only);
    EXPECT_EQ(one.connect(at("2001:db8::1", 7)), STATUS_NETWORK_UNREACHABLE);
    EXPECT_EQ(endpoint.connect(port_7, at("192.0.2.2", 6000)), STATUS_SUCCESS);
    EXPECT_EQ(endpoint.connect(port_7), STATUS_CONNECTION_ACTIVE);
    TcpEndpoint same(net.client);
    EXPECT_EQ(same.connect(port_7, at("192.0.2.2", 6000)), STATUS_ADDRESS_ALREADY_EXISTS);
}

}  // namespace
}  // namespace owsk::net
