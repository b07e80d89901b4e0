// SPDX-License-Identifier: MIT
// How connections end: FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT.
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

const Address port_7 = at("192.0.2.1", 7);

class TcpClosing : public testing::Test {
  protected:
    TcpClosing() {
        EXPECT_EQ(listener.listen(port_7), STATUS_SUCCESS);
        peer.connect();
        here = listener.accept();
    }
    void acknowledge(std::uint32_t upto) { peer.send(Control::ack, peer.mine, peer.theirs + upto); }
    void send_fin() { peer.send(Control::ack | Control::fin, peer.mine, peer.theirs); }
    TcpState state() {
        net.run_for(1ms);
        return here->state();
    }

    SmallInternet net;
    RawPeer peer{net, "192.0.2.66"};
    TcpServer listener{net.server};
    std::unique_ptr<TcpEndpoint> here;
};

TEST_F(TcpClosing, TheActiveSideGoesThroughFinWaitToTimeWait) {
    here->finish();
    EXPECT_EQ(state(), TcpState::fin_wait_1);
    EXPECT_EQ(peer.next_controls(), "FIN|ACK");
    EXPECT_FALSE(here->finish_acknowledged());
    acknowledge(1);
    EXPECT_EQ(state(), TcpState::fin_wait_2);
    EXPECT_TRUE(here->finish_acknowledged());
    // The other direction is still open.
    peer.send(Control::ack, peer.mine, peer.theirs + 1, "abc");
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 3);
    EXPECT_EQ(here->received(), "abc");
    peer.send(Control::ack | Control::fin, peer.mine + 3, peer.theirs + 1);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 4);
    EXPECT_EQ(state(), TcpState::time_wait);
    EXPECT_TRUE(here->is_over());
    net.run_for(59s);
    EXPECT_EQ(state(), TcpState::time_wait);
    net.run_for(1s);
    EXPECT_EQ(state(), TcpState::closed);
    EXPECT_EQ(here->end(), TcpEnd::none);
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpClosing, ThePassiveSideGoesThroughCloseWaitToLastAck) {
    send_fin();
    EXPECT_EQ(state(), TcpState::close_wait);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 1);
    EXPECT_TRUE(here->saw_end_of_stream());
    // It may still send.
    here->send("abc");
    EXPECT_EQ(peer.next().payload, "abc");
    here->finish();
    EXPECT_EQ(state(), TcpState::last_ack);
    // Nagle does not hold the end back.
    EXPECT_EQ(to_string(peer.next().controls), "FIN|ACK");
    peer.send(Control::ack, peer.mine + 1, peer.theirs + 4);
    EXPECT_EQ(state(), TcpState::closed);
    EXPECT_EQ(here->end(), TcpEnd::none);
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpClosing, BothMayCloseAtOnce) {
    here->finish();
    peer.next();
    send_fin();
    EXPECT_EQ(state(), TcpState::closing);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 1);
    peer.send(Control::ack, peer.mine + 1, peer.theirs + 1);
    EXPECT_EQ(state(), TcpState::time_wait);
}

TEST_F(TcpClosing, AFinThatAcknowledgesOursGoesStraightToTimeWait) {
    here->finish();
    peer.next();
    peer.send(Control::ack | Control::fin, peer.mine, peer.theirs + 1);
    EXPECT_EQ(state(), TcpState::time_wait);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 1);
}

TEST_F(TcpClosing, TheFinComesAfterAllDataAndWithTheLast) {
    here->send("abc");
    here->send("def");
    here->finish();
    EXPECT_EQ(peer.next().payload, "abc");
    const TcpSegment last = peer.next();
    EXPECT_EQ(last.payload, "def");
    EXPECT_TRUE(last.has(Control::fin));
    acknowledge(6);
    EXPECT_EQ(state(), TcpState::fin_wait_1);
    acknowledge(7);
    EXPECT_EQ(state(), TcpState::fin_wait_2);
}

TEST_F(TcpClosing, AFinWithDataGivesBoth) {
    peer.send(Control::ack | Control::fin | Control::psh, peer.mine, peer.theirs, "last");
    EXPECT_EQ(state(), TcpState::close_wait);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 5);
    EXPECT_EQ(here->received(), "last");
    EXPECT_TRUE(here->saw_end_of_stream());
}

TEST_F(TcpClosing, AFinThatIsNotAcknowledgedIsSentAgain) {
    here->finish();
    for (int i = 0; i < 16; ++i) {
        EXPECT_EQ(peer.next_controls(), "FIN|ACK");
    }
    EXPECT_FALSE(peer.hears_within(10min));
    EXPECT_EQ(here->end(), TcpEnd::timed_out);
}

TEST_F(TcpClosing, TimeWaitAnswersALateFinAndBeginsAnew) {
    here->finish();
    peer.next();
    peer.send(Control::ack | Control::fin, peer.mine, peer.theirs + 1);
    peer.next();
    net.run_for(50s);
    peer.send(Control::ack | Control::fin, peer.mine, peer.theirs + 1);
    EXPECT_EQ(peer.next().acknowledgment, peer.mine + 1);
    net.run_for(50s);
    EXPECT_EQ(state(), TcpState::time_wait);
    net.run_for(10s);
    EXPECT_EQ(state(), TcpState::closed);
}

TEST_F(TcpClosing, ANewSynTakesThePlaceOfTimeWait) {
    here->finish();
    peer.next();
    peer.send(Control::ack | Control::fin, peer.mine, peer.theirs + 1);
    peer.next();
    // An old one does not.
    peer.send(Control::syn, peer.mine - 100);
    EXPECT_EQ(peer.next_controls(), "ACK");
    EXPECT_EQ(state(), TcpState::time_wait);
    peer.connect(peer.mine + 100);
    EXPECT_EQ(here->state(), TcpState::closed);
    EXPECT_NE(listener.accept(), nullptr);
}

TEST_F(TcpClosing, AConnectionCanReuseEndsInTimeWaitAfterASecond) {
    TcpServer far_away(net.client);
    ASSERT_EQ(far_away.listen(at("192.0.2.2", 9)), STATUS_SUCCESS);
    const Address from = at("192.0.2.1", 6000);
    TcpEndpoint first(net.server);
    ASSERT_EQ(first.connect(at("192.0.2.2", 9), from), STATUS_SUCCESS);
    net.run_for(1ms);
    const auto there = far_away.accept();
    first.finish();
    net.run_for(1ms);
    there->finish();
    net.run_for(1ms);
    EXPECT_EQ(first.state(), TcpState::time_wait);
    TcpEndpoint second(net.server);
    EXPECT_EQ(second.connect(at("192.0.2.2", 9), from), STATUS_ADDRESS_ALREADY_EXISTS);
    net.run_for(1s);
    EXPECT_EQ(second.connect(at("192.0.2.2", 9), from), STATUS_SUCCESS);
    net.run_for(1ms);
    EXPECT_EQ(second.state(), TcpState::established);
    EXPECT_EQ(first.state(), TcpState::closed);
}

TEST_F(TcpClosing, ARstEndsEachState) {
    enum class Way { fin_wait_1, fin_wait_2, close_wait, closing, last_ack, time_wait };
    for (const Way way : {Way::fin_wait_1,
                          Way::fin_wait_2,
                          Way::close_wait,
                          Way::closing,
                          Way::last_ack,
                          Way::time_wait}) {
        const auto index = static_cast<std::uint16_t>(way);
        RawPeer raw(net, "192.0.2.7" + std::to_string(index));
        raw.connect();
        const auto one = listener.accept();
        ASSERT_NE(one, nullptr);
        const bool they_first = way == Way::close_wait || way == Way::last_ack;
        std::uint32_t mine = raw.mine;
        if (they_first) {
            raw.send(Control::ack | Control::fin, mine++, raw.theirs);
            net.run_for(1ms);
        }
        if (way != Way::close_wait) {
            one->finish();
            net.run_for(1ms);
        }
        if (way == Way::fin_wait_2 || way == Way::time_wait) {
            raw.send(Control::ack, mine, raw.theirs + 1);
        }
        if (way == Way::closing) {
            raw.send(Control::ack | Control::fin, mine++, raw.theirs);
        } else if (way == Way::time_wait) {
            raw.send(Control::ack | Control::fin, mine++, raw.theirs + 1);
        }
        net.run_for(1ms);
        EXPECT_EQ(static_cast<int>(one->state()),
                  static_cast<int>(TcpState::fin_wait_1) + static_cast<int>(index));
        raw.send(Control::rst, mine);
        net.run_for(1ms);
        EXPECT_EQ(one->state(), TcpState::closed);
        EXPECT_EQ(one->end(), way == Way::time_wait ? TcpEnd::none : TcpEnd::reset);
    }
}

TEST_F(TcpClosing, ResetSaysSo) {
    here->reset();
    const TcpSegment reset = peer.next();
    EXPECT_EQ(to_string(reset.controls), "RST|ACK");
    EXPECT_EQ(reset.sequence, peer.theirs);
    EXPECT_EQ(here->end(), TcpEnd::aborted);
    // Whoever goes on meets a closed port.
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    EXPECT_EQ(peer.next_controls(), "RST");
}

TEST_F(TcpClosing, CloseWithUnreadDataResets) {
    here->set_reading(false);
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    peer.next();
    here->close();
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
}

TEST_F(TcpClosing, CloseSendsWhatWaitsAndFinishes) {
    peer.send(Control::ack, peer.mine, peer.theirs, "abc");
    peer.next();
    peer.mine += 3;
    here->send("bye");
    here->close();
    EXPECT_EQ(peer.next().payload, "bye");
    EXPECT_TRUE(peer.next().has(Control::fin));
    acknowledge(4);
    net.run_for(1ms);
    // Data for nobody.
    peer.send(Control::ack, peer.mine, peer.theirs + 4, "abc");
    EXPECT_EQ(peer.next_controls(), "RST");
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpClosing, NobodyWaitsForTheOtherFinForEver) {
    here->close();
    peer.next();
    acknowledge(1);
    net.run_for(59s);
    EXPECT_EQ(net.server.tcp().connections(), 1u);
    net.run_for(2s);
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(TcpClosing, AClosedConnectionBehindAClosedWindowGivesUp) {
    peer.window = 0;
    acknowledge(0);
    net.run_for(1ms);
    here->send("abc");
    here->close();
    int probes = 0;
    while (net.server.tcp().connections() != 0 && peer.hears_within(10min)) {
        peer.next();
        acknowledge(0);
        ++probes;
    }
    EXPECT_EQ(probes, 15);
}

TEST_F(TcpClosing, FinishWhileConnectingComesAfterTheHandshake) {
    TcpEndpoint early(net.client);
    early.connect(port_7);
    early.send("abc");
    early.finish();
    net.run_for(1ms);
    const auto accepted = listener.accept();
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->received(), "abc");
    EXPECT_TRUE(accepted->saw_end_of_stream());
    EXPECT_EQ(early.state(), TcpState::fin_wait_2);
}

}  // namespace
}  // namespace owsk::net
