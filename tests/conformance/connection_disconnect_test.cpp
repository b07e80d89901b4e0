// SPDX-License-Identifier: MIT
// WskDisconnect, and the peer's end: WskDisconnectEvent.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskDisconnect : public ConnectionTest {};
OWSK_IN_EVERY_MODE(WskDisconnect);

// A FIN that waits in the send buffer behind data that the peer does not read.
class DisconnectBehindData : public ConnectionTest {
  protected:
    DisconnectBehindData() : ConnectionTest(SendCompletion::buffered) {}

    static constexpr SIZE_T length = more_than_the_peer_takes;

    PWSK_SOCKET connect_and_send(TcpClient& peer) {
        PWSK_SOCKET socket = connect_small(peer);
        EXPECT_EQ(send(socket, std::string(length, 'd')), STATUS_SUCCESS);
        return socket;
    }
};
OWSK_IN_EVERY_MODE(DisconnectBehindData);

TEST_P(WskDisconnect, D1_ThePeerReadsEverythingAndThenTheEnd) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(send(socket, "earlier data"), STATUS_SUCCESS);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(100), "earlier data");
    EXPECT_TRUE(peer.saw_end());
}

TEST_P(WskDisconnect, D1_WaitsForPendingSends) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    Call sending;
    Call call;
    start_send(sending, socket, buffer);
    EXPECT_EQ(start_disconnect(call, socket, 0), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    EXPECT_EQ(peer.receive(too_much + 1).size(), too_much);
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskDisconnect, D2_TheBufferIsTheLastData) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(send(socket, "first, "), STATUS_SUCCESS);
    const Buffer last("last");
    Call call;
    start_disconnect(call, socket, 0, &last);
    EXPECT_EQ(peer.receive(100), "first, last");
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskDisconnect, D3_AnAbortResetsThePeerAndEndsWhatIsQueued) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    const Buffer room(16);
    Call sending;
    Call receiving;
    start_send(sending, socket, buffer);
    start_receive(receiving, socket, room);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_THAT(sending, CompletesWith(STATUS_CANCELLED));
    EXPECT_THAT(receiving, CompletesWith(STATUS_CONNECTION_ABORTED));
    EXPECT_TRUE(peer.saw_reset());
    Call late;
    start_receive(late, socket, room);
    EXPECT_THAT(late, Fails());
}

TEST_P(WskDisconnect, D4_AnAbortTakesNoBuffer) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer last("last");
    Call call;
    start_disconnect(call, socket, WSK_FLAG_ABORTIVE, &last);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
    // Nothing has happened to the connection.
    EXPECT_EQ(send(socket, "x"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(1), "x");
}

TEST_P(WskDisconnect, D5_AnAbortForcesAPendingDisconnectToComplete) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    Call sending;
    Call call;
    start_send(sending, socket, buffer);
    start_disconnect(call, socket, 0);
    EXPECT_THAT(call, Pends());
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_THAT(sending, CompletesWith(STATUS_CANCELLED));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(WskDisconnect, D6_CloseForcesAPendingDisconnectToComplete) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    Call sending;
    Call call;
    Call closing;
    start_send(sending, socket, buffer);
    start_disconnect(call, socket, 0);
    EXPECT_THAT(call, Pends());
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_LT(call.sequence(), closing.sequence());
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(DisconnectBehindData, D6_CloseForcesADisconnectToCompleteWhoseFinIsNotAcknowledged) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    Call call;
    Call closing;
    start_disconnect(call, socket, 0);
    EXPECT_THAT(call, Pends());
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(peer.receive(length).size(), length);
    // The FIN may have been taken back, and may not.
    EXPECT_TRUE(peer.saw_reset() || peer.saw_reset_after_end());
}

TEST_P(DisconnectBehindData, D5_AnAbortForcesADisconnectToCompleteWhoseFinIsNotAcknowledged) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    Call call;
    start_disconnect(call, socket, 0);
    EXPECT_THAT(call, Pends());
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(peer.receive(length).size(), length);
    EXPECT_TRUE(peer.saw_reset() || peer.saw_reset_after_end());
}

TEST_P(DisconnectBehindData, APendingDisconnectEndsWithAReset) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    Call call;
    start_disconnect(call, socket, 0);
    EXPECT_THAT(call, Pends());
    peer.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
}

TEST_P(WskDisconnect, D7_FailsWithoutAConnection) {
    PWSK_SOCKET socket = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    EXPECT_EQ(disconnect(socket), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskDisconnect, D8_DoesNotClose) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(local_address(socket), peer.remote());
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
}

TEST_P(WskDisconnect, TheSecondOneFails) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(disconnect(socket), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskDisconnect, ACancelledOneLeavesAConnectionThatCanEndInOrder) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    Call sending;
    Call first;
    Call second;
    start_send(sending, socket, buffer);
    start_disconnect(first, socket, 0);
    EXPECT_TRUE(first.cancel());
    EXPECT_THAT(first, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(start_disconnect(second, socket, 0), STATUS_PENDING);
    EXPECT_EQ(peer.receive(too_much + 1).size(), too_much);
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(second, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskDisconnect, ACancelledOneLeavesAConnectionThatSends) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_small(peer);
    const Buffer buffer(too_much);
    const Buffer last("last");
    const Buffer more("after");
    Call sending;
    Call call;
    Call after;
    start_send(sending, socket, buffer);
    start_disconnect(call, socket, 0, &last);
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    start_send(after, socket, more);
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_THAT(after, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(100), "after");
    EXPECT_TRUE(peer.saw_end());
}

TEST_P(WskDisconnect, OneThatIsCancelledBeforeTheCallCountsForNothing) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    const PIRP irp = call.irp();
    IoCancelIrp(irp);
    call.returns(connection_functions(socket).WskDisconnect(socket, nullptr, 0, irp));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_end());
}

// Nothing takes a FIN back that is on its way; one that is not can be sent by the next call.
TEST_P(DisconnectBehindData, OneThatIsCancelledAsTheFinGoesEndsTheStreamOrTheNextDoes) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    Call first;
    Call second;
    start_disconnect(first, socket, 0);
    EXPECT_THAT(first, Pends());
    transport().pause();
    EXPECT_TRUE(first.cancel());
    EXPECT_THAT(first, CompletesWith(STATUS_CANCELLED));
    start_disconnect(second, socket, 0);
    EXPECT_EQ(peer.receive(length + 1).size(), length);
    EXPECT_TRUE(peer.saw_end());
    const NTSTATUS status = second.wait();
    EXPECT_TRUE(status == STATUS_SUCCESS || status == STATUS_INVALID_DEVICE_STATE);
}

class WskDisconnectEvent : public ConnectionTest {};
OWSK_IN_EVERY_MODE(WskDisconnectEvent);

TEST_P(WskDisconnectEvent, DE1_TellsThatThePeerHasFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    peer.shutdown_send();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    EXPECT_EQ(log().disconnects.at(0).flags & WSK_FLAG_ABORTIVE, 0u);
    EXPECT_EQ(send(socket, "x"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(1), "x");
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(1));
}

TEST_P(WskDisconnectEvent, DE1_ComesWhenEnabledAfterThePeerHasFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 16), "");
    EXPECT_EQ(control_events(socket, WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(WskDisconnectEvent, DE2_TellsThatThePeerHasReset) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    peer.reset();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    EXPECT_NE(log().disconnects.at(0).flags & WSK_FLAG_ABORTIVE, 0u);
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(1));
}

TEST_P(WskDisconnectEvent, DE3_IsNotCalledForTheLocalDisconnect) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    // Events are serial: this one is the first.
    peer.shutdown_send();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(1));
}

TEST_P(WskDisconnectEvent, DE3_IsNotCalledForTheLocalAbort) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset());
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(0));
}

TEST_P(WskDisconnectEvent, DE3_IsNotCalledForClose) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    close(socket);
    EXPECT_TRUE(peer.saw_reset());
    EXPECT_THAT(log().disconnects, StaysAt(0));
}

TEST_P(WskDisconnectEvent, DE4_NoDataEventFollows) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT | WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("data"));
    peer.reset();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    close(socket);
    for (const ConnectionLog::Data& event : log().data.all()) {
        EXPECT_LT(event.sequence, log().disconnects.at(0).sequence);
    }
}

TEST_P(WskDisconnectEvent, DE5_IsNotCalledWhenDisabled) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 16), "");
    peer.reset();
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(0));
}

}  // namespace
}  // namespace owsk::conformance
