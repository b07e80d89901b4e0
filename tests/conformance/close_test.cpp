// SPDX-License-Identifier: MIT
// WskCloseSocket.
#include <atomic>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskCloseSocket : public ConnectionTest {
  protected:
    // Every data event stays in its callback until go_on() is opened.
    void hold_events() {
        log().answer = [this](const ConnectionLog::Data&, SIZE_T*) {
            entered_.open();
            EXPECT_TRUE(go_on_.wait());
            left_ = next_in_sequence();
            return STATUS_SUCCESS;
        };
    }
    Gate& entered() { return entered_; }
    Gate& go_on() { return go_on_; }
    unsigned left() const { return left_; }

  private:
    Gate entered_;
    Gate go_on_;
    std::atomic<unsigned> left_ = 0;
};
OWSK_IN_EVERY_MODE(WskCloseSocket);

TEST_P(WskCloseSocket, CL1_SucceedsForNewSocketsOfEachCategory) {
    SocketOptions udp;
    udp.type = SOCK_DGRAM;
    udp.protocol = IPPROTO_UDP;
    EXPECT_EQ(close(make_socket(WSK_FLAG_BASIC_SOCKET)), STATUS_SUCCESS);
    EXPECT_EQ(close(make_socket(WSK_FLAG_LISTEN_SOCKET)), STATUS_SUCCESS);
    EXPECT_EQ(close(make_socket(WSK_FLAG_CONNECTION_SOCKET)), STATUS_SUCCESS);
    EXPECT_EQ(close(make_socket(WSK_FLAG_DATAGRAM_SOCKET, udp)), STATUS_SUCCESS);
    EXPECT_EQ(close(make_socket(WSK_FLAG_STREAM_SOCKET)), STATUS_SUCCESS);
}

TEST_P(WskCloseSocket, CL1_SucceedsForListenersInEachState) {
    EXPECT_EQ(close(make_listener()), STATUS_SUCCESS);
    PWSK_SOCKET with_client = make_listener();
    TcpClient client;
    ASSERT_TRUE(client.connect(local_address(with_client)));
    EXPECT_EQ(close(with_client), STATUS_SUCCESS);
    EXPECT_TRUE(client.saw_reset());
    PWSK_SOCKET with_accept = make_listener();
    Call call;
    start_accept(call, with_accept);
    EXPECT_EQ(close(with_accept), STATUS_SUCCESS);
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskCloseSocket, CL1_SucceedsForConnectionsInEachState) {
    TcpClient connected;
    EXPECT_EQ(close(connect(connected)), STATUS_SUCCESS);
    TcpClient finished;
    PWSK_SOCKET socket = connect(finished);
    finished.shutdown_send();
    EXPECT_EQ(receive(socket, 1), "");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    TcpClient broken;
    socket = connect(broken);
    Call call;
    const Buffer buffer(16);
    start_receive(call, socket, buffer);
    broken.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    TcpClient aborted;
    socket = connect(aborted);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
}

TEST_P(WskCloseSocket, CL2_CompletesAllPendingRequestsFirst) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer data(too_much);
    const Buffer room(16);
    Call sends[2];
    Call receives[2];
    Call ending;
    start_send(sends[0], socket, data);
    start_send(sends[1], socket, data);
    start_receive(receives[0], socket, room);
    start_receive(receives[1], socket, room);
    start_disconnect(ending, socket, 0);
    Call closing;
    EXPECT_EQ(start_close(closing, socket), STATUS_PENDING);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    for (const Call* call : {&sends[0], &sends[1], &receives[0], &receives[1], &ending}) {
        EXPECT_TRUE(call->completed());
        EXPECT_THAT(*call, CompletesWith(STATUS_CANCELLED));
        EXPECT_LT(call->sequence(), closing.sequence());
    }
}

TEST_P(WskCloseSocket, CL2_CompletesPendingAcceptsFirst) {
    PWSK_SOCKET listener = make_listener();
    Call accepts[3];
    for (Call& call : accepts) {
        start_accept(call, listener);
    }
    Call closing;
    start_close(closing, listener);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    for (const Call& call : accepts) {
        EXPECT_TRUE(call.completed());
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_LT(call.sequence(), closing.sequence());
    }
}

TEST_P(WskCloseSocket, CL3_WaitsForARunningCallback) {
    hold_events();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered().wait());
    Call call;
    EXPECT_EQ(start_close(call, socket), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    go_on().open();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(call.sequence(), left());
}

TEST_P(WskCloseSocket, CL4_WorksFromInsideACallback) {
    std::atomic<PWSK_SOCKET> socket = nullptr;
    Gate known;
    Call call;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        EXPECT_TRUE(known.wait());
        EXPECT_EQ(start_close(call, socket), STATUS_PENDING);
        EXPECT_FALSE(call.completed());
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    known.open();
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_TRUE(log().data.wait_for(1));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskCloseSocket, CL4_WorksFromInsideTheDisconnectCallback) {
    std::atomic<PWSK_SOCKET> socket = nullptr;
    Gate known;
    Call call;
    log().on_disconnected = [&] {
        EXPECT_TRUE(known.wait());
        EXPECT_EQ(start_close(call, socket), STATUS_PENDING);
        EXPECT_FALSE(call.completed());
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_DISCONNECT);
    known.open();
    peer.reset();
    EXPECT_TRUE(log().disconnects.wait_for(1));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskCloseSocket, CL4_WorksFromInsideACompletionRoutine) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call closing;
    const Buffer buffer(16);
    Call call;
    call.on_complete = [&] {
        EXPECT_EQ(start_close(closing, socket), STATUS_PENDING);
        EXPECT_FALSE(closing.completed());
    };
    start_receive(call, socket, buffer);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_LT(call.sequence(), closing.sequence());
}

TEST_P(WskCloseSocket, CL5_NoCallbackStartsAfterwards) {
    hold_events();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered().wait());
    Call call;
    start_close(call, socket);
    // More data and the end are due when the callback returns.
    ASSERT_TRUE(peer.send("def"));
    peer.shutdown_send();
    go_on().open();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(log().data, StaysAt(1));
    EXPECT_THAT(log().disconnects, StaysAt(0));
}

TEST_P(WskCloseSocket, CL6_ResetsAConnectedPeer) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(WskCloseSocket, CL6_ResetsAPeerThatHasFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 1), "");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(WskCloseSocket, CL7_SendsNoResetIfBothSidesHaveFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 1), "");
    EXPECT_EQ(send(socket, "last words"), STATUS_SUCCESS);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(100), "last words");
    EXPECT_TRUE(peer.saw_end());
}

TEST_P(WskCloseSocket, CL8_ResetsIfOnlyThisSideHasFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset_after_end());
}

TEST_P(WskCloseSocket, CL10_TheAddressCanBeBoundAgain) {
    PWSK_SOCKET listener = make_listener();
    const Endpoint at = local_address(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    ListenerOptions options;
    options.at = at;
    PWSK_SOCKET again = make_listener(options);
    TcpClient client;
    ASSERT_TRUE(client.connect(at));
    EXPECT_NE(accept(again), nullptr);
}

TEST_P(WskCloseSocket, CL10_TheAddressCanBeBoundAgainWhileAcceptedConnectionsLive) {
    PWSK_SOCKET listener = make_listener();
    const Endpoint at = local_address(listener);
    TcpClient first;
    ASSERT_TRUE(first.connect(at));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    ListenerOptions options;
    options.at = at;
    make_listener(options);
    ASSERT_TRUE(first.send("x"));
    EXPECT_EQ(receive(socket, 1), "x");
}

}  // namespace
}  // namespace owsk::conformance
