// SPDX-License-Identifier: MIT
// What a driver's peer may do, played against the TCP of the simulation and that of Linux: both
// must answer as the script says. Where they may differ, the script leaves it open.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "both_tcps/tcp_side.h"

namespace owsk::both_tcps {
namespace {

using net::script::Progress;
using namespace std::chrono_literals;

enum class Which : std::uint8_t { simulated, of_linux };

class BothTcps : public testing::TestWithParam<Which> {
  protected:
    void listen() { side->listen(); }
    // The script's end of a connection to the side that listens.
    void begin(const std::string& steps) {
        side->begin("connection a from :40000 to 192.0.2.1:7\n" + steps);
    }
    void begin_server(const std::string& steps) { side->begin("connection a at :7\n" + steps); }
    void until_connected() {
        ASSERT_TRUE(side->run_until([&] { return side->is_connected(); }))
            << side->script().report();
    }
    void until_received(const std::string& bytes) {
        EXPECT_TRUE(side->run_until([&] { return side->received().size() >= bytes.size(); }))
            << side->script().report();
        EXPECT_EQ(side->received(), bytes);
    }
    void until_finished() {
        EXPECT_TRUE(side->run_until([&] { return side->peer_has_finished(); }))
            << side->script().report();
    }
    void until_reset() {
        EXPECT_TRUE(side->run_until([&] { return side->was_reset(); })) << side->script().report();
    }
    // The script has come to a step that has these words.
    void until_at(const std::string& words) {
        EXPECT_TRUE(side->run_until([&] {
            const std::string report = side->script().report();
            return report.substr(0, report.find('\n')).find(words) != std::string::npos;
        })) << side->script().report();
    }
    void finish_script() {
        side->run_until([&] { return side->script().progress() != Progress::running; });
        EXPECT_EQ(side->script().progress(), Progress::passed) << side->script().report();
    }

    const std::unique_ptr<TcpSide> side =
        GetParam() == Which::simulated ? TcpSide::simulated() : TcpSide::of_linux();
};

INSTANTIATE_TEST_SUITE_P(Tcp,
                         BothTcps,
                         testing::Values(Which::simulated, Which::of_linux),
                         [](const auto& which) {
                             return which.param == Which::simulated ? "simulated" : "of_linux";
                         });

const std::string handshake =
    "send SYN mss 1460\n"
    "expect SYN,ACK ack 1 mss 1460 no scale within 1s\n"
    "send ACK\n";

TEST_P(BothTcps, AHandshakeAndDataInBothDirections) {
    listen();
    begin(handshake +
          "send data \"ping\"\n"
          "expect ACK ack 5 within 1s\n"
          "expect data \"pong\" seq 1 within 1s\n"
          "send ACK\n"
          "expect nothing for 500ms\n");
    until_connected();
    until_received("ping");
    until_at("pong");
    side->send("pong");
    finish_script();
}

TEST_P(BothTcps, AnOfferOfAScaleIsTaken) {
    listen();
    begin(
        "send SYN mss 1000 scale 3\n"
        "expect SYN,ACK ack 1 scale 0..14 within 1s\n"
        "send ACK\n"
        "expect data 1000 bytes within 1s\n"
        "send ACK\n");
    until_connected();
    side->send(std::string(1000, 'x'));
    finish_script();
}

TEST_P(BothTcps, AClosedPortRefuses) {
    begin(
        "send SYN\n"
        "expect RST,ACK seq 0 ack 1 within 1s\n"
        "send ACK ack 5\n"
        "expect RST within 1s\n"
        "send RST\n"
        "expect nothing for 100ms\n");
    finish_script();
}

TEST_P(BothTcps, ASynIsAnsweredAgainAndAgain) {
    listen();
    begin(
        "send SYN as syn\n"
        "expect SYN,ACK within 500ms\n"
        "send again syn\n"
        "expect SYN,ACK seq 0 ack 1 within 500ms\n"
        "expect SYN,ACK seq 0 ack 1 after 500ms within 1.5s\n"
        "send RST seq 1\n"
        "expect nothing for 3s\n");
    finish_script();
    EXPECT_FALSE(side->is_connected());
}

TEST_P(BothTcps, DataOutOfOrderIsPutInOrder) {
    listen();
    begin(handshake +
          "send data \"def\" seq 4\n"
          "expect ACK ack 1 within 500ms\n"
          "send data \"abc\"\n"
          "await ACK ack 7 within 500ms\n");
    until_connected();
    until_received("abcdef");
    finish_script();
}

TEST_P(BothTcps, WhatHasArrivedIsAcknowledgedAgain) {
    listen();
    begin(handshake +
          "send data \"abc\" as abc\n"
          "expect ACK ack 4 within 500ms\n"
          "send again abc\n"
          "expect ACK ack 4 within 500ms\n");
    until_connected();
    finish_script();
    EXPECT_EQ(side->received(), "abc");
}

TEST_P(BothTcps, AFinWithDataAndThenTheirs) {
    listen();
    begin(handshake +
          "send FIN,ACK data \"last words\" as end\n"
          "await ACK ack 12 within 500ms\n"
          "await FIN,ACK seq 1 ack 12 within 1s\n"
          "send ACK\n"
          "wait 10ms\n"
          "send again end\n"
          "expect RST within 500ms\n");  // after LAST-ACK nothing is left
    until_connected();
    until_finished();
    EXPECT_EQ(side->received(), "last words");
    until_at("await FIN");
    side->finish();
    finish_script();
}

TEST_P(BothTcps, OneSideMayFinishAndGoOnReading) {
    listen();
    begin(handshake +
          "expect FIN,ACK seq 1 ack 1 within 1s\n"
          "send ACK\n"
          "send data \"more\"\n"
          "await ACK ack 5 within 500ms\n"
          "send FIN,ACK as end\n"
          "await ACK ack 6 within 500ms\n"
          "send again end\n"
          "expect ACK ack 6 within 500ms\n");  // from TIME-WAIT
    until_connected();
    side->finish();
    until_finished();
    EXPECT_EQ(side->received(), "more");
    finish_script();
}

TEST_P(BothTcps, WhatComesAfterACloseIsReset) {
    listen();
    begin(handshake +
          "expect FIN,ACK seq 1 ack 1 within 1s\n"
          "send ACK\n"
          "send data \"too late\"\n"
          "await RST within 500ms\n"
          "expect nothing for 100ms\n");
    until_connected();
    side->close();
    finish_script();
}

TEST_P(BothTcps, AnAbortIsAReset) {
    listen();
    begin(handshake + "await RST,ACK seq 1 ack 1 within 1s\nexpect nothing for 100ms\n");
    until_connected();
    side->reset();
    finish_script();
}

TEST_P(BothTcps, AResetCountsIfItIsExactlyWhatComesNext) {
    listen();
    begin(handshake +
          "send RST seq -1\n"
          "send RST seq 10000000\n"
          "wait 100ms\n"
          "send data \"x\"\n"
          "await ACK ack 2 within 500ms\n"
          "send RST seq 2\n");
    until_connected();
    until_received("x");
    finish_script();
    until_reset();
}

TEST_P(BothTcps, ASynInAConnectionIsChallenged) {
    listen();
    begin(handshake +
          "send data \"x\"\n"
          "await ACK ack 2 within 500ms\n"
          "send SYN seq 100\n"
          "expect ACK seq 1 ack 2 within 500ms\n"
          "send data \"y\"\n"
          "await ACK ack 3 within 500ms\n");
    until_connected();
    until_received("xy");
    finish_script();
}

TEST_P(BothTcps, WhatIsNotAcknowledgedIsSentAgain) {
    listen();
    begin(handshake +
          "expect data \"hello\" seq 1 within 1s\n"
          "expect data \"hello\" seq 1 after 150ms within 1.5s\n"
          "expect data \"hello\" seq 1 after 300ms within 3s\n"
          "send ACK\n"
          "expect nothing for 1s\n");
    until_connected();
    side->send("hello");
    finish_script();
}

TEST_P(BothTcps, ThreeAcknowledgmentsOfTheSameMeanALoss) {
    listen();
    begin(
        "send SYN mss 500\n"
        "expect SYN,ACK within 1s\n"
        "send ACK\n"
        "expect data 500 bytes seq 1 within 1s\n"
        "expect data 500 bytes seq 501\n"
        "expect data 500 bytes seq 1001\n"
        "expect data 500 bytes seq 1501\n"
        "expect data 500 bytes seq 2001\n"
        "send ACK ack 1\n"
        "send ACK ack 1\n"
        "send ACK ack 1\n"
        "await data 500 bytes seq 1 within 150ms\n"
        "send ACK ack 2501\n");
    until_connected();
    side->send(std::string(2500, 'x'));
    finish_script();
}

TEST_P(BothTcps, AWindowOfZeroIsProbed) {
    listen();
    begin(handshake +
          "send ACK window 0\n"
          "await ACK data 0..1 bytes after 150ms within 5s\n"
          "discard\n"
          "send ACK ack 1 window 1000\n"
          "await data \"something to say\" seq 1 within 5s\n"
          "send ACK\n");
    until_connected();
    until_at("0..1 bytes");  // the window is about to be closed
    side->send("something to say");
    finish_script();
}

// 1240 bytes of data fit into the 1280 that the way carries.
TEST_P(BothTcps, WhatIsTooLargeForTheWayGoesOutAgainInSmallerSegments) {
    listen();
    begin(handshake +
          "await data 1240 bytes seq 1 within 100ms\n"
          "await data 1240 bytes seq 1241 within 100ms\n"
          "send ACK ack 2481\n"
          "await data 440..520 bytes seq 2481 within 100ms\n"
          "send ACK ack 3001\n"
          "await data 1240 bytes seq 3001 within 1s\n"  // what was learned is kept
          "send ACK ack 4241\n"
          "await data 760 bytes seq 4241 within 1s\n"
          "send ACK ack 5001\n");
    side->set_link({.latency = 100us, .path_mtu = 1280});
    until_connected();
    side->send(std::string(3000, 'x'));
    until_at("seq 3001");
    side->send(std::string(2000, 'y'));
    finish_script();
}

TEST_P(BothTcps, AServerThatRefuses) {
    begin_server(
        "expect SYN mss 1460 within 1s\n"
        "send RST,ACK\n"
        "expect nothing for 200ms\n");
    side->connect(0);
    EXPECT_TRUE(side->run_until([&] { return side->was_refused(); }));
    finish_script();
}

TEST_P(BothTcps, AServerThatIsSilentAtFirst) {
    begin_server(
        "expect SYN seq 0 within 1s\n"
        "expect SYN seq 0 after 900ms within 1.2s\n"
        "send SYN,ACK mss 536\n"
        "expect ACK seq 1 ack 1 within 100ms\n"
        "expect data 536 bytes within 1s\n"
        "expect data 464 bytes within 1s\n"
        "send ACK\n"
        "send FIN,ACK data \"bye\"\n"
        "await FIN,ACK ack 5 within 1s\n"
        "send ACK\n");
    side->connect(0);
    until_connected();
    side->send(std::string(1000, 'x'));
    until_finished();
    EXPECT_EQ(side->received(), "bye");
    side->finish();
    finish_script();
}

TEST_P(BothTcps, AnAcknowledgmentOfWhatWasNotSentIsNoServer) {
    begin_server(
        "expect SYN seq 0 within 1s\n"
        "send ACK ack 5\n"
        "expect RST seq 5 within 500ms\n"
        "send SYN,ACK ack 1\n"
        "await ACK ack 1 within 1.5s\n");
    side->connect(0);
    until_connected();
    finish_script();
}

TEST_P(BothTcps, BothBeginAtOnce) {
    side->begin(
        "connection a from :7 to 192.0.2.1:40000\n"
        "expect SYN seq 0 within 1s\n"
        "send SYN\n"
        "expect SYN,ACK seq 0 ack 1 within 1s\n"
        "send SYN,ACK seq 0\n"
        "send data \"x\" seq 1\n"
        "await ACK ack 2 within 1s\n"
        "send RST seq 2\n");
    side->connect(40000);
    until_connected();
    until_received("x");
    finish_script();
    until_reset();
}

}  // namespace
}  // namespace owsk::both_tcps
