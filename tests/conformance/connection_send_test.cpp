// SPDX-License-Identifier: MIT
// WskSend.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskSend : public ConnectionTest {};
OWSK_IN_EVERY_MODE(WskSend);

TEST_P(WskSend, SD1_ReportsTheFullLength) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer("hello, peer");
    Call call;
    start_send(call, socket, buffer);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 11u);
    EXPECT_EQ(peer.receive(11), "hello, peer");
}

TEST_P(WskSend, SD2_SendsAChainFromItsOffset) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Buffer buffer({3, 5, 1, 4}, 1, 10);
    buffer.fill("abcdefghijklm");
    Call call;
    start_send(call, socket, buffer);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 10u);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(100), "bcdefghijk");
}

TEST_P(WskSend, SD2_SendsAChainOfManyPieces) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    std::string expected;
    for (int i = 0; i < 300; ++i) {
        expected += std::to_string(1000 + i);
    }
    Buffer buffer(std::vector<SIZE_T>(300, 4), 0, 1200);
    buffer.fill(expected);
    Call call;
    start_send(call, socket, buffer);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(peer.receive(1200), expected);
}

TEST_P(WskSend, SD3_WaitsUntilThePeerHasTakenAlmostAll) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(too_much);
    Call call;
    EXPECT_EQ(start_send(call, socket, buffer), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), too_much);
}

TEST_P(WskSend, SD4_QueuedSendsArriveInOrder) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer first(too_much);
    const Buffer second("second");
    const Buffer third("third");
    Call calls[3];
    start_send(calls[0], socket, first);
    start_send(calls[1], socket, second);
    start_send(calls[2], socket, third);
    EXPECT_THAT(calls[0], Pends());
    EXPECT_THAT(calls[2], Pends());
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_EQ(peer.receive(11), "secondthird");
    for (const Call& call : calls) {
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    }
    EXPECT_LT(calls[0].sequence(), calls[1].sequence());
    EXPECT_LT(calls[1].sequence(), calls[2].sequence());
}

TEST_P(WskSend, SD5_SmallSendsWithNoDelayArriveOneAfterAnother) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_EQ(set_option(socket, IPPROTO_TCP, TCP_NODELAY, 0), STATUS_SUCCESS);
    for (const char* byte : {"a", "b", "c"}) {
        EXPECT_EQ(send(socket, byte, WSK_FLAG_NODELAY), STATUS_SUCCESS);
        EXPECT_EQ(peer.receive(1), byte);
    }
}

TEST_P(WskSend, SD6_FailsBeforeConnect) {
    PWSK_SOCKET socket = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    const Buffer buffer("early");
    Call call;
    start_send(call, socket, buffer);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskSend, SD6_FailsAfterTheLocalDisconnect) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(send(socket, "late"), STATUS_INVALID_DEVICE_STATE);
    EXPECT_TRUE(peer.saw_end());
}

TEST_P(WskSend, SD6_FailsAfterTheLocalAbort) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    const Buffer buffer("late");
    Call call;
    start_send(call, socket, buffer);
    EXPECT_THAT(call, Fails());
}

TEST_P(WskSend, SD7_WorksAfterThePeerHasFinished) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    peer.shutdown_send();
    EXPECT_EQ(receive(socket, 16), "");
    EXPECT_EQ(send(socket, "still here"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(10), "still here");
}

TEST_P(WskSend, SD8_PendingSendFailsWhenThePeerResets) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer first(too_much);
    const Buffer second("second");
    Call calls[2];
    start_send(calls[0], socket, first);
    start_send(calls[1], socket, second);
    EXPECT_THAT(calls[1], Pends());
    peer.reset();
    EXPECT_THAT(calls[0], CompletesWith(STATUS_CONNECTION_RESET));
    EXPECT_THAT(calls[1], CompletesWith(STATUS_CONNECTION_RESET));
    const Buffer third("third");
    Call late;
    start_send(late, socket, third);
    EXPECT_THAT(late, CompletesWith(STATUS_CONNECTION_RESET));
}

TEST_P(WskSend, SD9_AnEmptySendSucceeds) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    WSK_BUF nothing = {};
    Call call;
    call.returns(connection_functions(socket).WskSend(socket, &nothing, 0, call.irp()));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    EXPECT_EQ(send(socket, "x"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(1), "x");
}

TEST_P(WskSend, SD10_OtherFlagsAreNotSupported) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer("flagged");
    Call call;
    start_send(call, socket, buffer, WSK_FLAG_DRAIN);
    EXPECT_THAT(call, CompletesWith(STATUS_NOT_SUPPORTED));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskSend, TheDescriptorMayDieWithTheCall) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(too_much);
    auto descriptor = std::make_unique<WSK_BUF>(buffer.wsk());
    Call call;
    call.returns(connection_functions(socket).WskSend(socket, descriptor.get(), 0, call.irp()));
    *descriptor = {};
    descriptor.reset();
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskSend, ACancelledSendLeavesTheOthersInOrder) {
    TcpClient peer;
    peer.set_receive_buffer(small_receive_buffer);
    PWSK_SOCKET socket = connect(peer);
    const Buffer first(too_much);
    const Buffer second("second");
    const Buffer third("third");
    Call calls[3];
    start_send(calls[0], socket, first);
    start_send(calls[1], socket, second);
    start_send(calls[2], socket, third);
    EXPECT_TRUE(calls[1].cancel());
    EXPECT_THAT(calls[1], CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(calls[1].information(), 0u);
    EXPECT_EQ(peer.receive(too_much).size(), too_much);
    EXPECT_EQ(peer.receive(5), "third");
    EXPECT_THAT(calls[0], CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(calls[2], CompletesWith(STATUS_SUCCESS));
}

}  // namespace
}  // namespace owsk::conformance
