// SPDX-License-Identifier: MIT
// Data in ESTABLISHED: segments, windows, loss, time.
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

const Address port_7 = at("192.0.2.1", 7);

class TcpTransfer : public testing::Test {
  protected:
    // A connection of a raw peer with `here`.
    void connect(const TcpOptions& options = {}, std::size_t mss = 1000) {
        listener.set_options(options);
        ASSERT_EQ(listener.listen(port_7), STATUS_SUCCESS);
        peer.send({.sequence = 1000,
                   .controls = Control::syn,
                   .window = peer.window,
                   .maximum_segment_size = static_cast<std::uint16_t>(mss)});
        peer.mine = 1001;
        peer.theirs = peer.next().sequence + 1;
        peer.send(Control::ack, peer.mine, peer.theirs);
        net.run_for(1ms);
        here = listener.accept();
        ASSERT_NE(here, nullptr);
    }
    void acknowledge(std::uint32_t upto) { peer.send(Control::ack, peer.mine, peer.theirs + upto); }

    SmallInternet net;
    RawPeer peer{net, "192.0.2.66"};
    TcpServer listener{net.server};
    std::unique_ptr<TcpEndpoint> here;
};

TEST_F(TcpTransfer, DataIsCutIntoSegmentsAndTheLastIsPushed) {
    connect();
    here->send(std::string(2500, 'x'));
    for (const std::size_t size : {1000u, 1000u}) {
        const TcpSegment segment = peer.next();
        EXPECT_EQ(segment.payload.size(), size);
        EXPECT_EQ(to_string(segment.controls), "ACK");
    }
    const TcpSegment last = peer.next();
    EXPECT_EQ(last.payload.size(), 500u);
    EXPECT_EQ(to_string(last.controls), "PSH|ACK");
    EXPECT_EQ(last.sequence, peer.theirs + 2000);
}

TEST_F(TcpTransfer, AShortSegmentWaitsForTheShortOneBefore) {
    connect();
    here->send("a");
    EXPECT_EQ(peer.next().payload, "a");
    here->send("b");
    EXPECT_FALSE(peer.hears_within(1ms));
    here->send(std::string(1000, 'c'));
    EXPECT_EQ(peer.next().payload.size(), 1000u);  // full ones wait for nothing
    EXPECT_FALSE(peer.hears_within(1ms));
    acknowledge(1);
    EXPECT_EQ(peer.next().payload, "c");
}

TEST_F(TcpTransfer, WithNoDelayShortSegmentsGoAtOnce) {
    TcpOptions options;
    options.no_delay = true;
    connect(options);
    here->send("a");
    here->send("b");
    EXPECT_EQ(peer.next().payload, "a");
    EXPECT_EQ(peer.next().payload, "b");
}

TEST_F(TcpTransfer, WhatIsToBeFollowedByMoreWaitsForIt) {
    connect();
    const auto tcb = net.server.tcp().find(here->local(), here->remote());
    ASSERT_NE(tcb, nullptr);
    std::string text = "abc";
    const Slice slice = {text.data(), text.size()};
    tcb->write({&slice, 1}, true);
    EXPECT_FALSE(peer.hears_within(100ms));
    tcb->push();
    EXPECT_EQ(peer.next().payload, "abc");
    acknowledge(3);
    tcb->write({&slice, 1}, true);
    // But not for ever.
    EXPECT_FALSE(peer.hears_within(199ms));
    EXPECT_EQ(peer.next().payload, "abc");
}

TEST_F(TcpTransfer, EverySegmentIsAcknowledged) {
    connect();
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 3);
    EXPECT_EQ(here->received(), "abc");
    // Again, and with something new behind it.
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 3);
    peer.send(Control::ack, peer.mine, peer.theirs, "abcdef");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 6);
    EXPECT_EQ(here->received(), "abcdef");
}

TEST_F(TcpTransfer, AGapIsFilledLater) {
    connect();
    peer.send(Control::ack, peer.mine + 6, peer.theirs, "ghi");
    peer.send(Control::ack, peer.mine + 3, peer.theirs, "defgh");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine);
    EXPECT_EQ(here->received(), "");
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 9);
    EXPECT_EQ(here->received(), "abcdefghi");
}

TEST_F(TcpTransfer, AFinBeforeItsDataWaits) {
    connect();
    peer.send(Control::ack | Control::fin, peer.mine + 3, peer.theirs);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine);
    EXPECT_FALSE(here->saw_end_of_stream());
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 4);
    EXPECT_TRUE(here->saw_end_of_stream());
}

TEST_F(TcpTransfer, DataOutsideTheWindowIsNotTaken) {
    TcpOptions options;
    options.receive_buffer = 10;
    connect(options);
    here->set_reading(false);
    peer.send(Control::ack, peer.mine, peer.theirs, "0123456789abc");
    TcpSegment answer = peer.next();
    EXPECT_EQ(answer.acknowledgment, peer.mine + 10);
    EXPECT_EQ(answer.window, 0);
    peer.send(Control::ack, peer.mine + 10, peer.theirs, "abc");
    answer = peer.next();
    EXPECT_EQ(answer.acknowledgment, peer.mine + 10);
    EXPECT_EQ(here->unread(), 10u);
    // Far outside.
    peer.send(Control::ack, peer.mine + 500, peer.theirs, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 10);
    // A window worth speaking of opens again.
    here->read_some(4);
    EXPECT_FALSE(peer.hears_within(1ms));
    here->read_some(1);
    answer = peer.next();
    EXPECT_EQ(answer.window, 5);
    EXPECT_EQ(answer.acknowledgment, peer.mine + 10);
}

TEST_F(TcpTransfer, AWindowThatCannotBeShownLargerIsNotAnnouncedAgain) {
    // More than the header can show without scaling, which the peer has not offered.
    connect({.receive_buffer = 128 * 1024});
    here->set_reading(false);
    peer.send(Control::ack, peer.mine, peer.theirs, std::string(1000, 'x'));
    EXPECT_EQ(peer.next().window, 65535);
    EXPECT_EQ(here->read_some(1000), 1000u);
    EXPECT_FALSE(peer.hears_within(1s));
}

TEST_F(TcpTransfer, AClosedWindowIsProbedUntilItOpens) {
    peer.window = 0;
    connect();
    here->send("abc");
    Instant before = net.events.now();
    Duration waited{0};
    for (int i = 0; i < 20; ++i) {
        const TcpSegment probe = peer.next();
        EXPECT_EQ(probe.payload, "");
        EXPECT_EQ(probe.sequence, peer.theirs - 1);
        const Duration wait = net.events.now() - before;
        // Ever more rarely, although the peer answers each.
        EXPECT_GE(wait, std::min<Duration>(2 * waited, 120s) - 10ms);
        waited = wait;
        before = net.events.now();
        // As long as the peer answers, the connection lives.
        acknowledge(0);
        net.run_for(1ms);
    }
    EXPECT_EQ(std::chrono::round<std::chrono::seconds>(waited), 120s);
    EXPECT_EQ(here->state(), TcpState::established);
    peer.window = 2;
    acknowledge(0);
    EXPECT_EQ(peer.next().payload, "ab");
}

TEST_F(TcpTransfer, ProbesThatNobodyAnswersEndTheConnection) {
    peer.window = 0;
    connect();
    here->send("abc");
    for (int i = 0; i < 15; ++i) {
        EXPECT_EQ(peer.next().sequence, peer.theirs - 1);
    }
    EXPECT_FALSE(peer.hears_within(10min));
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
}

TEST_F(TcpTransfer, WhatIsNotAcknowledgedIsSentAgainEverMoreRarely) {
    connect();
    here->send("abc");
    peer.next();
    Duration waited = 0s;
    for (int i = 0; i < 15; ++i) {
        const Instant before = net.events.now();
        const TcpSegment again = peer.next();
        EXPECT_EQ(again.payload, "abc");
        EXPECT_EQ(again.sequence, peer.theirs);
        const Duration wait = net.events.now() - before;
        EXPECT_GE(wait, std::min<Duration>(2 * waited, 120s) - 1ms);
        waited = wait;
    }
    EXPECT_EQ(std::chrono::round<std::chrono::seconds>(waited), 120s);
    EXPECT_FALSE(peer.hears_within(10min));
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpTransfer, TheFirstRetransmissionTakesAtLeast200Milliseconds) {
    connect();
    here->send("abc");
    peer.next();
    EXPECT_FALSE(peer.hears_within(200ms));
    EXPECT_TRUE(peer.hears_within(10ms));
}

TEST_F(TcpTransfer, ThreeEqualAcknowledgmentsRepairALoss) {
    TcpOptions options;
    options.no_delay = true;
    connect(options);
    here->send(std::string(5000, 'x'));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(peer.next().payload.size(), 1000u);
    }
    // The first and the third one were lost.
    acknowledge(0);
    acknowledge(0);
    EXPECT_FALSE(peer.hears_within(1ms));
    acknowledge(0);
    EXPECT_EQ(peer.next().sequence, peer.theirs);
    EXPECT_FALSE(peer.hears_within(1ms));
    acknowledge(2000);
    EXPECT_EQ(peer.next().sequence, peer.theirs + 2000);
    acknowledge(5000);
    EXPECT_FALSE(peer.hears_within(1h));
}

TEST_F(TcpTransfer, AnAcknowledgmentOfWhatWasNotSentIsAnswered) {
    connect();
    acknowledge(1);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "ACK");
    EXPECT_EQ(answer.acknowledgment, peer.mine);
    EXPECT_EQ(here->state(), TcpState::established);
}

TEST_F(TcpTransfer, ASynIsChallenged) {
    connect();
    peer.send(Control::syn, peer.mine);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "ACK");
    EXPECT_EQ(answer.acknowledgment, peer.mine);
    EXPECT_EQ(here->state(), TcpState::established);
}

TEST_F(TcpTransfer, ARstCountsOnlyWithTheNextSequenceNumber) {
    connect();
    peer.send(Control::rst, peer.mine + 1);
    EXPECT_EQ(peer.next_controls(), "ACK");
    peer.send(Control::rst, peer.mine - 1);
    peer.send(Control::rst, peer.mine + 10'000'000);
    EXPECT_FALSE(peer.hears_within(1ms));
    EXPECT_EQ(here->state(), TcpState::established);
    peer.send(Control::rst, peer.mine);
    net.run_for(1ms);
    EXPECT_EQ(here->end(), TcpEnd::reset);
    EXPECT_FALSE(peer.hears_within(1h));
}

TEST_F(TcpTransfer, ASegmentWithoutAckIsDropped) {
    connect();
    peer.send(Control::psh, peer.mine, 0, "abc");
    EXPECT_FALSE(peer.hears_within(1s));
    EXPECT_EQ(here->received(), "");
}

TEST_F(TcpTransfer, AnIdleConnectionIsKeptAliveIfAsked) {
    TcpOptions options;
    options.keep_alive = true;
    connect(options);
    net.run_for(7190s);
    EXPECT_TRUE(peer.heard.empty());
    EXPECT_EQ(peer.next().sequence, peer.theirs - 1);
    acknowledge(0);
    net.run_for(7190s);
    EXPECT_TRUE(peer.heard.empty());
    // Nine probes without an answer.
    for (int i = 0; i < 9; ++i) {
        EXPECT_EQ(peer.next_controls(), "ACK");
    }
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
}

TEST_F(TcpTransfer, AnIdleConnectionIsKeptAliveAsTheOptionsSay) {
    TcpOptions options;
    options.keep_alive = true;
    options.keep_alive_idle = 10;
    options.keep_alive_interval = 3;
    options.keep_alive_count = 2;
    connect(options);
    net.run_for(9s);
    EXPECT_TRUE(peer.heard.empty());
    net.run_for(2s);
    EXPECT_EQ(peer.next_controls(), "ACK");
    EXPECT_FALSE(peer.hears_within(1s));
    net.run_for(2s);
    EXPECT_EQ(peer.next_controls(), "ACK");
    EXPECT_EQ(here->end(), TcpEnd::none);
    net.run_for(3s);
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
}

TEST_F(TcpTransfer, WhatIsNotAcknowledgedIsRepeatedForAsLongAsTheOptionSays) {
    TcpOptions options;
    options.retransmission_limit = 5;
    connect(options);
    here->send("abc");
    net.run_for(4900ms);
    EXPECT_EQ(here->end(), TcpEnd::none);
    net.run_for(200ms);
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
}

TEST_F(TcpTransfer, WhatIsNotAcknowledgedIsRepeatedForEverIfTheOptionSaysSo) {
    TcpOptions options;
    options.retransmission_limit = no_retransmission_limit;
    connect(options);
    here->send("abc");
    // Without the option it ends after a quarter of an hour.
    net.run_for(10h);
    EXPECT_EQ(here->end(), TcpEnd::none);
    peer.heard.clear();
    EXPECT_TRUE(peer.hears_within(121s));
}

TEST_F(TcpTransfer, AnIdleConnectionCostsNothing) {
    connect();
    here->send("abc");
    peer.next();
    acknowledge(3);
    // What was set for the retransmission goes away by itself.
    net.run_for(2s);
    EXPECT_FALSE(net.events.next().has_value());
}

TEST_F(TcpTransfer, SegmentsFollowTheMtu) {
    connect({}, 1460);
    LinkRules narrow;
    narrow.mtu = 140;
    net.internet.set_link(net.server, peer.computer, narrow);
    here->send(std::string(1000, 'x'));
    EXPECT_EQ(peer.next().payload.size(), 100u);
}

TEST_F(TcpTransfer, LargeAmountsPassANarrowWay) {
    for (const char* ip : {"192.0.2.1", "2001:db8::1"}) {
        SmallInternet narrow;
        narrow.internet.set_default_link(
            {.latency = 5ms, .loss = 0.02, .bandwidth = 20'000'000, .path_mtu = 1300});
        TcpServer server(narrow.server);
        ASSERT_EQ(server.listen(at(ip, 7)), STATUS_SUCCESS);
        TcpEndpoint client(narrow.client);
        ASSERT_EQ(client.connect(at(ip, 7)), STATUS_SUCCESS);
        ASSERT_TRUE(narrow.run_until([&] { return server.waiting() == 1; }));
        const auto accepted = server.accept();
        const std::string much(500'000, 'm');
        client.send(much);
        accepted->send(much);
        ASSERT_TRUE(narrow.run_until([&] {
            return client.received().size() == much.size() &&
                   accepted->received().size() == much.size();
        })) << ip;
        EXPECT_EQ(client.end(), TcpEnd::none);
    }
}

TEST_F(TcpTransfer, WhatIsKnownOfTheWayIsForgottenAfterTenMinutes) {
    connect({}, 1460);
    const Address there = peer.computer.addresses().front();
    net.internet.set_link(net.server, peer.computer, {.path_mtu = 1400});
    here->send(std::string(1460, 'x'));
    EXPECT_EQ(peer.next().payload.size(), 1360u);
    acknowledge(1460);
    EXPECT_EQ(net.server.path_mtu(there), 1400u);
    net.run_for(599s);
    EXPECT_EQ(net.server.path_mtu(there), 1400u);
    net.run_for(2s);
    EXPECT_EQ(net.server.path_mtu(there), 1500u);
}

TEST_F(TcpTransfer, LargeAmountsPassSmallBuffers) {
    TcpOptions options;
    options.receive_buffer = 3000;
    options.send_buffer = 5000;
    TcpServer server(net.server);
    server.set_options(options);
    ASSERT_EQ(server.listen(port_7), STATUS_SUCCESS);
    TcpEndpoint client(net.client);
    client.set_options(options);
    client.connect(port_7);
    net.run_for(1ms);
    const auto accepted = server.accept();
    ASSERT_NE(accepted, nullptr);
    const std::string much(1'000'000, 'm');
    client.send(much);
    accepted->send(much);
    net.run_for(10s);
    EXPECT_EQ(client.received().size(), much.size());
    EXPECT_EQ(accepted->received().size(), much.size());
    EXPECT_EQ(client.unacknowledged(), 0u);
}

}  // namespace
}  // namespace owsk::net
