// SPDX-License-Identifier: MIT
// WskReceive.
#include <deque>
#include <utility>
#include <vector>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskReceive : public ConnectionTest {
  protected:
    // The bytes that a completed receive reports.
    static std::string result(const Call& call, const Buffer& buffer) {
        return buffer.text(call.information());
    }
};
OWSK_IN_EVERY_MODE(WskReceive);

TEST_P(WskReceive, RC1_WaitsForData) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(16);
    Call call;
    EXPECT_EQ(start_receive(call, socket, buffer), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(result(call, buffer), "hello");
    EXPECT_EQ(buffer.all(), "hello...........");
}

TEST_P(WskReceive, RC2_TakesWaitingDataAtOnce) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    // At the moment of one call the first receive may still be ending on its processor, and the
    // second be queued; not at every call.
    int inline_calls = 0;
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(peer.send("abcdef"));
        // One segment: what follows the first bytes is there as well.
        EXPECT_EQ(receive(socket, 3), "abc");
        transport().pause();
        const Buffer buffer(16);
        Call call;
        start_receive(call, socket, buffer);
        if (call.returned() == STATUS_SUCCESS) {
            EXPECT_TRUE(call.completed());
            ++inline_calls;
        }
        ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(result(call, buffer), "def");
    }
    if (immediate_mode()) {
        EXPECT_GT(inline_calls, 0);
    }
}

TEST_P(WskReceive, RC3_WaitAllWaitsUntilTheBufferIsFull) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(10);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_TRUE(peer.send("worl"));
    EXPECT_THAT(call, Pends());
    ASSERT_TRUE(peer.send("d"));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(result(call, buffer), "helloworld");
}

TEST_P(WskReceive, RC4_WaitAllEndsWithThePeersData) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(10);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("abc"));
    peer.shutdown_send();
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(result(call, buffer), "abc");
    EXPECT_EQ(receive(socket, 10), "");
}

TEST_P(WskReceive, RC5_WaitAllEndsWithAReset) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(10);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("abc"));
    peer.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
}

TEST_P(WskReceive, RC5_WaitAllEndsWithTheLocalAbort) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(10);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_ABORTED));
}

TEST_P(WskReceive, RC5_ACancelledWaitAllReportsWhatItHasAndLosesNothing) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_TRUE(peer.send("xabc"));
    EXPECT_EQ(receive(socket, 1), "x");
    const Buffer buffer(10);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    EXPECT_TRUE(call.cancel());
    ASSERT_THAT(call, CompletesWith(STATUS_CANCELLED));
    // What it had copied by then is reported; the rest is still there.
    std::string all = result(call, buffer);
    ASSERT_TRUE(peer.send("def"));
    while (all.size() < 6) {
        all += receive(socket, 6 - all.size());
    }
    EXPECT_EQ(all, "abcdef");
}

TEST_P(WskReceive, RC6_DrainThrowsEverythingAwayUntilThePeerFinishes) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    EXPECT_EQ(start_empty_receive(call, socket, WSK_FLAG_DRAIN), STATUS_PENDING);
    ASSERT_TRUE(peer.send(std::string(100'000, 'j')));
    EXPECT_THAT(call, Pends());
    peer.shutdown_send();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive(socket, 16), "");
}

TEST_P(WskReceive, RC7_DrainEndsWithAReset) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    start_empty_receive(call, socket, WSK_FLAG_DRAIN);
    peer.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
}

TEST_P(WskReceive, RC7_DrainEndsWithTheLocalAbort) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    start_empty_receive(call, socket, WSK_FLAG_DRAIN);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_ABORTED));
}

TEST_P(WskReceive, RC7_DrainEndsWithItsCancellation) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    start_empty_receive(call, socket, WSK_FLAG_DRAIN);
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    // The connection works on.
    ASSERT_TRUE(peer.send("x"));
    EXPECT_EQ(receive(socket, 1), "x");
}

TEST_P(WskReceive, RC7_DrainTakesNoBufferAndNoWaitAll) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(4);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_DRAIN);
    EXPECT_THAT(call, Fails());
    start_empty_receive(call, socket, WSK_FLAG_DRAIN | WSK_FLAG_WAITALL);
    EXPECT_THAT(call, Fails());
}

TEST_P(WskReceive, RC8_TheEndOfTheStreamCompletesAllQueuedReceives) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(16);
    Call calls[3];
    for (Call& call : calls) {
        start_receive(call, socket, buffer);
        EXPECT_THAT(call, Pends());
    }
    peer.shutdown_send();
    for (Call& call : calls) {
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(call.information(), 0u);
    }
    EXPECT_LT(calls[0].sequence(), calls[1].sequence());
    EXPECT_LT(calls[1].sequence(), calls[2].sequence());
    EXPECT_EQ(receive(socket, 16), "");
}

TEST_P(WskReceive, RC9_QueuedReceivesFillInOrder) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer first(3);
    const Buffer second(3);
    const Buffer third(3);
    Call calls[3];
    start_receive(calls[0], socket, first, WSK_FLAG_WAITALL);
    start_receive(calls[1], socket, second, WSK_FLAG_WAITALL);
    start_receive(calls[2], socket, third, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("abcd"));
    ASSERT_TRUE(peer.send("efghi"));
    for (Call& call : calls) {
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    }
    EXPECT_EQ(first.all() + second.all() + third.all(), "abcdefghi");
    EXPECT_LT(calls[0].sequence(), calls[1].sequence());
    EXPECT_LT(calls[1].sequence(), calls[2].sequence());
}

TEST_P(WskReceive, RC9_ManyQueuedReceivesFillInOrder) {
    constexpr std::size_t count = 200;
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    std::deque<Buffer> buffers;
    std::deque<Call> calls;
    std::string expected;
    for (std::size_t i = 0; i < count; ++i) {
        expected += std::to_string(1000 + i);
        start_receive(calls.emplace_back(), socket, buffers.emplace_back(4), WSK_FLAG_WAITALL);
    }
    ASSERT_TRUE(peer.send(expected));
    std::string got;
    unsigned sequence = 0;
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_THAT(calls[i], CompletesWith(STATUS_SUCCESS));
        EXPECT_LT(std::exchange(sequence, calls[i].sequence()), calls[i].sequence());
        got += buffers[i].all();
    }
    EXPECT_EQ(got, expected);
}

// More than one call of the network takes.
TEST_P(WskReceive, RC10_FillsAChainOfManyPieces) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(std::vector<SIZE_T>(300, 4), 2, 1196);
    std::string expected;
    for (int i = 0; i < 299; ++i) {
        expected += std::to_string(1000 + i);
    }
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send(expected));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 1196u);
    EXPECT_EQ(buffer.all(), ".." + expected + "..");
}

TEST_P(WskReceive, RC10_FillsAChainFromItsOffsetAndNothingElse) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer({4, 4, 4}, 2, 8);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("123"));
    ASSERT_TRUE(peer.send("45678"));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 8u);
    EXPECT_EQ(buffer.all(), "..12345678..");
}

TEST_P(WskReceive, RC11_AnEmptyReceiveTakesNothing) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    start_empty_receive(call, socket);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    ASSERT_TRUE(peer.send("abcd"));
    EXPECT_EQ(receive(socket, 1), "a");
    EXPECT_EQ(empty_receive(socket), STATUS_SUCCESS);
    EXPECT_EQ(receive(socket, 8), "bcd");
}

TEST_P(WskReceive, RC12_APendingReceiveComesBeforeTheEvent) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    const Buffer buffer(3);
    Call call;
    start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(result(call, buffer), "abc");
    ASSERT_TRUE(log().wait_for_text(3));
    EXPECT_EQ(log().text(), "def");
}

TEST_P(WskReceive, RC13_WorksAfterTheLocalDisconnect) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    ASSERT_TRUE(peer.send("reply"));
    EXPECT_EQ(receive(socket, 16), "reply");
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 16), "");
}

TEST_P(WskReceive, RC14_FailsBeforeConnect) {
    PWSK_SOCKET socket = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    const Buffer buffer(16);
    Call call;
    start_receive(call, socket, buffer);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskReceive, FailsAfterAResetAndUnreadDataIsDiscarded) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(peer.send("unread"));
    peer.reset();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    const Buffer buffer(16);
    Call call;
    start_receive(call, socket, buffer);
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
}

// In no completion mode does it matter whether anybody has heard of the reset yet.
TEST_P(WskReceive, WhatCameBeforeAResetIsDiscardedByEveryCall) {
    for (const ULONG flags : {0, WSK_FLAG_WAITALL, WSK_FLAG_DRAIN}) {
        TcpClient peer;
        PWSK_SOCKET socket = connect(peer);
        ASSERT_TRUE(peer.send("unread"));
        ASSERT_TRUE(peer.wait_until_arrived());
        peer.reset();
        transport().pause();
        const Buffer buffer(flags == WSK_FLAG_DRAIN ? 0 : 6);
        Call call;
        start_receive(call, socket, buffer, flags);
        EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
        EXPECT_EQ(call.information(), 0u);
    }
}

TEST_P(WskReceive, WhatCameBeforeAResetBeforeTheAcceptIsDiscarded) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(peer.send("unread"));
    ASSERT_TRUE(peer.wait_until_arrived());
    peer.reset();
    transport().pause();
    PWSK_SOCKET socket = accept(listener);
    const Buffer buffer(6);
    Call call;
    start_receive(call, socket, buffer);
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskReceive, ACancelledReceiveLeavesTheOthersInOrder) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer first(3);
    const Buffer second(3);
    const Buffer third(3);
    Call calls[3];
    start_receive(calls[0], socket, first, WSK_FLAG_WAITALL);
    start_receive(calls[1], socket, second, WSK_FLAG_WAITALL);
    start_receive(calls[2], socket, third, WSK_FLAG_WAITALL);
    EXPECT_TRUE(calls[1].cancel());
    EXPECT_THAT(calls[1], CompletesWith(STATUS_CANCELLED));
    ASSERT_TRUE(peer.send("abcdef"));
    EXPECT_THAT(calls[0], CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(calls[2], CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(first.all() + second.all() + third.all(), "abc...def");
}

}  // namespace
}  // namespace owsk::conformance
