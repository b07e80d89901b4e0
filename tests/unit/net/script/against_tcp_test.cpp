// SPDX-License-Identifier: MIT
// Scripts play against the TCP of the simulated network, which must do what RFC 9293 says whatever
// comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/address_text.h"
#include "net/script/scripted_peer.h"
#include "net/sim/tcp_endpoint.h"
#include "net/sim/tcp_server.h"
#include "net/sim/udp_endpoint.h"
#include "unit/net/script/played_script.h"

namespace owsk::net::script {
namespace {

using namespace std::chrono_literals;

const Address server_address = *address_from_text("192.0.2.1:7");
const Address script_address = *address_from_text("192.0.2.2:7");

class AgainstTcpTest : public testing::Test {
  protected:
    AgainstTcpTest() { internet_.set_default_link(LinkRules{.latency = 100us}); }

    void listen() { ASSERT_EQ(server_.listen(server_address), STATUS_SUCCESS); }

    // A script at 192.0.2.2 that has one connection to the server.
    ScriptedPeer& begin(const std::string& steps) {
        return begin_with("connection a from :40000 to 192.0.2.1:7\n" + steps);
    }
    ScriptedPeer& begin_with(const std::string& text) {
        played_ = std::make_unique<PlayedScript>(
            internet_, std::vector{*ip_from_text("192.0.2.2")}, text);
        played_->peer.start();
        return played_->peer;
    }

    // Until the script has ended.
    void play(const std::string& steps) {
        begin(steps);
        finish();
    }
    void finish() {
        const Instant limit = events_.now() + 1h;
        while (played_->peer.progress() == Progress::running && events_.now() < limit &&
               events_.step()) {
        }
        EXPECT_EQ(played_->peer.progress(), Progress::passed) << played_->peer.report();
    }
    void run_for(Duration duration) { events_.run_until(events_.now() + duration); }

    host::EventQueue events_;
    Internet internet_{events_, Prng(3)};
    Computer computer_{internet_, "server", {*ip_from_text("192.0.2.1")}};
    TcpServer server_{computer_};
    std::unique_ptr<PlayedScript> played_;
};

const std::string handshake =
    "send SYN mss 1460\n"
    "expect SYN,ACK ack 1 mss 1..65535 within 1s\n"
    "send ACK\n";

TEST_F(AgainstTcpTest, AHandshakeAndData) {
    listen();
    begin(handshake +
          "send data \"ping\"\nexpect ACK ack 5\nawait data \"pong\" seq 1\nsend ACK\n");
    run_for(10ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    ASSERT_NE(endpoint, nullptr);
    run_for(300ms);
    EXPECT_EQ(endpoint->received(), "ping");
    endpoint->send("pong");
    finish();
    run_for(10ms);
    EXPECT_EQ(endpoint->unacknowledged(), 0U);
}

// 1240 bytes of data fit into the 1280 that the way carries.
TEST_F(AgainstTcpTest, WhatIsTooLargeForTheWayGoesOutAgainAtOnceInSmallerSegments) {
    listen();
    begin(handshake +
          "await data 1240 bytes seq 1 within 10ms\n"
          "expect data 1240 bytes seq 1241 within 10ms\n"
          "send ACK ack 2481\n"
          "expect data 520 bytes seq 2481 within 10ms\n"
          "send ACK ack 3001\n"
          "expect data 1240 bytes seq 3001 within 1s\n"  // what was learned is kept
          "expect data 760 bytes within 10ms\n"
          "send ACK\n"
          "expect nothing for 1min\n");
    internet_.set_link(computer_, played_->computer, {.latency = 100us, .path_mtu = 1280});
    run_for(1ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    ASSERT_NE(endpoint, nullptr);
    endpoint->send(std::string(3000, 'x'));
    run_for(100ms);
    endpoint->send(std::string(2000, 'y'));
    finish();
    EXPECT_EQ(endpoint->unacknowledged(), 0U);
}

TEST_F(AgainstTcpTest, AFinWithData) {
    listen();
    begin(handshake +
          "send FIN,ACK data \"last words\"\n"
          "await ACK ack 12\n"
          "await FIN,ACK seq 1 ack 12\n"
          "send ACK\n"
          "expect nothing for 2min\n");
    run_for(10ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    ASSERT_NE(endpoint, nullptr);
    run_for(10ms);
    EXPECT_EQ(endpoint->received(), "last words");
    EXPECT_TRUE(endpoint->saw_end_of_stream());
    endpoint->finish();
    finish();
    EXPECT_EQ(endpoint->end(), TcpEnd::none);
    EXPECT_TRUE(endpoint->is_over());
}

TEST_F(AgainstTcpTest, DataOutOfOrderIsPutInOrder) {
    listen();
    begin(handshake +
          "send data \"def\" seq 4\n"
          "expect ACK ack 1\n"  // asks for what is missing
          "send data \"abc\"\n"
          "await ACK ack 7\n");
    run_for(10ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    finish();
    ASSERT_NE(endpoint, nullptr);
    EXPECT_EQ(endpoint->received(), "abcdef");
}

TEST_F(AgainstTcpTest, ARetransmissionOfWhatHasArrivedIsAcknowledgedAgain) {
    listen();
    begin(handshake +
          "send data \"abc\" as abc\n"
          "expect ACK ack 4\n"
          "send again abc\n"
          "expect ACK ack 4 within 1s\n");
    run_for(1ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    finish();
    ASSERT_NE(endpoint, nullptr);
    EXPECT_EQ(endpoint->received(), "abc");
}

TEST_F(AgainstTcpTest, AResetCountsOnlyInsideTheWindow) {
    listen();
    begin(handshake + "send RST seq -1\nsend RST seq 10000000\nwait 1s\nsend RST seq 1\n");
    run_for(500ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    ASSERT_NE(endpoint, nullptr);
    EXPECT_EQ(endpoint->end(), TcpEnd::none);
    finish();
    run_for(10ms);
    EXPECT_EQ(endpoint->end(), TcpEnd::reset);
}

TEST_F(AgainstTcpTest, AClosedPortAnswersWithReset) {
    play("send SYN\nexpect RST,ACK ack 1 within 1s\n");
}

TEST_F(AgainstTcpTest, AClientThatNeverAnswersIsAskedAgainAndAgain) {
    listen();
    play(
        "send SYN as syn\n"
        "expect SYN,ACK within 1s\n"
        "expect SYN,ACK seq 0 after 900ms within 1.1s\n"
        "expect SYN,ACK seq 0 after 1.9s within 2.1s\n"
        "expect SYN,ACK seq 0 after 3.9s within 4.1s\n");
    EXPECT_EQ(server_.accept(), nullptr);
}

TEST_F(AgainstTcpTest, AWindowOfZeroIsProbed) {
    listen();
    begin(handshake +
          "send ACK window 0\n"
          "await ACK data 0..1 bytes after 150ms within 10s\n"  // a probe
          "discard\n"
          "send ACK ack 1 window 1000\n"
          "await ACK data 1..1000 bytes within 10s\n"
          "send ACK ack seg.seq + seg.len\n");
    run_for(10ms);
    const std::unique_ptr<TcpEndpoint> endpoint = server_.accept();
    ASSERT_NE(endpoint, nullptr);
    endpoint->send("something to say");
    finish();
}

TEST_F(AgainstTcpTest, SimultaneousOpen) {
    TcpEndpoint endpoint(computer_);
    begin_with(
        "connection a from :7 to 192.0.2.1:40000\n"
        "expect SYN seq 0\n"
        "send SYN\n"
        "expect SYN,ACK seq 0 ack 1\n"
        "send SYN,ACK seq 0\n"
        "wait 1s\n"
        "send RST seq 1\n");
    Address from = server_address;
    from.port = 40000;
    ASSERT_EQ(endpoint.connect(script_address, from), STATUS_SUCCESS);
    run_for(500ms);
    EXPECT_TRUE(endpoint.is_connected());
    EXPECT_EQ(endpoint.state(), TcpState::established);
    finish();
}

TEST_F(AgainstTcpTest, AServerInAScriptRefusesAndThenAccepts) {
    begin_with(
        "connection a at :7\n"
        "expect SYN\n"
        "send RST,ACK\n");
    TcpEndpoint refused(computer_);
    ASSERT_EQ(refused.connect(script_address), STATUS_SUCCESS);
    run_for(10ms);
    EXPECT_EQ(refused.end(), TcpEnd::refused);
    finish();
    played_.reset();
    begin_with(
        "connection a at :7\n"
        "expect SYN mss 1..65535\n"
        "send SYN,ACK mss 536\n"
        "expect ACK\n"
        "expect data \"hello\"\n"
        "send FIN,ACK data \"bye\"\n"
        "await FIN,ACK\n"
        "send ACK\n");
    TcpEndpoint accepted(computer_);
    ASSERT_EQ(accepted.connect(script_address), STATUS_SUCCESS);
    run_for(10ms);
    accepted.send("hello");
    run_for(10ms);
    accepted.finish();
    finish();
    EXPECT_EQ(accepted.received(), "bye");
}

// Keeps each SYN as a listener that inspects does.
class Holding final : public SynHolder {
  public:
    void on_syn(const TcpSegment&) noexcept override { ++syns; }
    void on_reset(const TcpSegment&) noexcept override { ++resets; }
    int syns = 0;
    int resets = 0;
};

TEST_F(AgainstTcpTest, AResetWhileTheSynIsHeld) {
    Result<std::unique_ptr<TcpListener>> listener =
        TcpListener::open(computer_.tcp(), server_address, {}, {}, default_backlog);
    ASSERT_TRUE(listener);
    Holding holding;
    (*listener)->set_holder(&holding);
    play(
        "send SYN\n"
        "expect nothing for 1s\n"
        "send again\n"
        "expect nothing for 1s\n"
        "send RST seq 1\n"
        "expect nothing for 10s\n");
    EXPECT_EQ(holding.syns, 2);
    EXPECT_EQ(holding.resets, 1);
}

TEST_F(AgainstTcpTest, DatagramsInBothDirections) {
    UdpEndpoint udp(computer_);
    ASSERT_EQ(udp.bind(*address_from_text("192.0.2.1:53")), STATUS_SUCCESS);
    begin_with(
        "datagrams u from :5000 to 192.0.2.1:53\n"
        "send data \"question\"\n"
        "expect data \"answer\" within 1s\n");
    run_for(10ms);
    ASSERT_EQ(udp.waiting().size(), 1U);
    EXPECT_EQ(udp.receive().payload, "question");
    ASSERT_EQ(udp.send_to(*address_from_text("192.0.2.2:5000"), "answer"), STATUS_SUCCESS);
    finish();
}

}  // namespace
}  // namespace owsk::net::script
