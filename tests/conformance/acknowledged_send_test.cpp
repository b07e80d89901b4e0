// SPDX-License-Identifier: MIT
// WskSend where it completes when the peer has acknowledged the bytes.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class AcknowledgedSend : public ConnectionTest {
  protected:
    AcknowledgedSend() : ConnectionTest(SendCompletion::acknowledged) {}

    static constexpr SIZE_T length = more_than_the_peer_takes;

    // The peer does not read yet, so a part of it is not acknowledged.
    void start_large_send(Call& call, PWSK_SOCKET socket) {
        EXPECT_EQ(start_send(call, socket, large_), STATUS_PENDING);
        transport().pause();
        EXPECT_THAT(call, Pends());
    }
    // `end` ends the connection while the peer has some of a send and not all.
    template <typename End>
    void expect_a_part_is_reported(End&& end) {
        TcpClient peer;
        PWSK_SOCKET socket = connect_small(peer);
        Call call;
        start_large_send(call, socket);
        EXPECT_EQ(end(socket), STATUS_SUCCESS);
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_GT(call.information(), 0u);
        EXPECT_LT(call.information(), length);
        // Nobody was told that it was sent, so nothing waits for it.
        EXPECT_TRUE(peer.saw_reset());
    }
    const Buffer& large() const { return large_; }

  private:
    // Also the sockets, which may still use it, are gone when it goes.
    const Buffer& large_ = keep<Buffer>(length);
};
OWSK_IN_EVERY_MODE(AcknowledgedSend);

TEST_P(AcknowledgedSend, CompletesWhenThePeerHasAcknowledgedAll) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    Call call;
    start_large_send(call, socket);
    EXPECT_EQ(peer.receive(length).size(), length);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), length);
}

TEST_P(AcknowledgedSend, CompletesAlthoughThePeerDoesNotRead) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer("acknowledged, and not read");
    Call call;
    EXPECT_EQ(start_send(call, socket, buffer), STATUS_PENDING);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), buffer.wsk().Length);
}

// The provider hears of acknowledgments, and does not only ask for them now and then.
TEST_P(AcknowledgedSend, CompletesSoonAfterTheAcknowledgment) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const auto start = transport().now();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(send(socket, "x"), STATUS_SUCCESS);
    }
    EXPECT_LT(transport().now() - start, std::chrono::seconds(2));
}

// Linux has no room then to tell of an acknowledgment, and is asked.
TEST_P(AcknowledgedSend, CompletesAlthoughUnreadDataFillsTheSocket) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_TRUE(peer.send(std::string(64 * 1024, 'x')));
    ASSERT_TRUE(peer.wait_until_arrived());
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_RCVBUF, 1), STATUS_SUCCESS);
    EXPECT_EQ(send(socket, "acknowledged, and not told"), STATUS_SUCCESS);
}

TEST_P(AcknowledgedSend, WaitsAlsoIfTheNetworkTakesItPieceByPiece) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    Call call;
    EXPECT_EQ(start_send(call, socket, buffer), STATUS_PENDING);
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), too_much);
}

TEST_P(AcknowledgedSend, ManyCompleteInTheirOrder) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    constexpr std::size_t count = 40;
    const Buffer small("small");
    const Buffer nothing("");
    Call first;
    start_large_send(first, socket);
    Call calls[count];
    for (std::size_t i = 0; i < count; ++i) {
        start_send(calls[i], socket, i % 3 == 2 ? nothing : small);
    }
    transport().pause();
    EXPECT_THAT(calls[2], Pends());
    EXPECT_THAT(calls[count - 1], Pends());
    EXPECT_EQ(peer.receive(length + 27 * 5).size(), length + 27 * 5);
    unsigned sequence = 0;
    EXPECT_THAT(first, CompletesWith(STATUS_SUCCESS));
    sequence = first.sequence();
    for (Call& call : calls) {
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_LT(sequence, call.sequence());
        sequence = call.sequence();
    }
}

TEST_P(AcknowledgedSend, NothingHasNothingToWaitFor) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer nothing("");
    Call call;
    start_send(call, socket, nothing);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(AcknowledgedSend, CompletesBeforeTheDisconnectBehindIt) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    Call sending;
    start_large_send(sending, socket);
    const Buffer last("last");
    Call disconnecting;
    WSK_BUF buffer = last.wsk();
    disconnecting.returns(
        connection_functions(socket).WskDisconnect(socket, &buffer, 0, disconnecting.irp()));
    EXPECT_THAT(sending, Pends());
    EXPECT_EQ(peer.receive(length + 4).substr(length), "last");
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(disconnecting, CompletesWith(STATUS_SUCCESS));
    EXPECT_LT(sending.sequence(), disconnecting.sequence());
}

TEST_P(AcknowledgedSend, ReportsWhatHasArrivedWhenTheSocketCloses) {
    expect_a_part_is_reported([&](PWSK_SOCKET socket) { return close(socket); });
}

TEST_P(AcknowledgedSend, ReportsWhatHasArrivedWhenTheConnectionIsAborted) {
    expect_a_part_is_reported(
        [&](PWSK_SOCKET socket) { return disconnect(socket, WSK_FLAG_ABORTIVE); });
}

TEST_P(AcknowledgedSend, FailsWithTheConnection) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    Call first;
    start_large_send(first, socket);
    const Buffer small("small");
    Call second;
    start_send(second, socket, small);
    peer.reset();
    EXPECT_THAT(first, CompletesWith(STATUS_CONNECTION_RESET));
    EXPECT_LT(first.information(), length);
    EXPECT_THAT(second, CompletesWith(STATUS_CONNECTION_RESET));
    EXPECT_EQ(second.information(), 0u);
    EXPECT_LT(first.sequence(), second.sequence());
}

TEST_P(AcknowledgedSend, ThatIsCancelledOnItsWayArrives) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    Call call;
    start_large_send(call, socket);
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(call.information(), length);
    const Buffer next("next");
    Call following;
    start_send(following, socket, next);
    EXPECT_EQ(peer.receive(length + 4).substr(length), "next");
    EXPECT_THAT(following, CompletesWith(STATUS_SUCCESS));
}

// What was reported is not lost, and what comes after it is.
TEST_P(AcknowledgedSend, ThatIsCancelledOnItsWayArrivesAlthoughTheSocketCloses) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer before("before");
    const Buffer after("after");
    Call calls[3];
    start_large_send(calls[0], socket);
    start_send(calls[1], socket, before);
    start_send(calls[2], socket, after);
    EXPECT_TRUE(calls[1].cancel());
    EXPECT_THAT(calls[1], CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(calls[1].information(), 6u);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_THAT(calls[0], CompletesWith(STATUS_CANCELLED));
    EXPECT_LT(calls[0].information(), length);
    EXPECT_THAT(calls[2], CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(calls[2].information(), 0u);
    EXPECT_EQ(peer.receive(length + 6).substr(length), "before");
}

TEST_P(AcknowledgedSend, HoldsItsMdlUntilThen) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    Call call;
    start_large_send(call, socket);
    EXPECT_DEATH(IoFreeMdl(large().mdl()), "rule: memory-freed-under-request\n.*IoFreeMdl");
    EXPECT_EQ(peer.receive(length).size(), length);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

}  // namespace
}  // namespace owsk::conformance
