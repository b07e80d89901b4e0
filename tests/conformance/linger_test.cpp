// SPDX-License-Identifier: MIT
// What WskSend has reported as sent arrives, however the connection ends.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class ReportedAsSent : public ConnectionTest {
  protected:
    ReportedAsSent() : ConnectionTest(SendCompletion::buffered) {}

    static constexpr SIZE_T length = more_than_the_peer_takes;

    static std::string data() {
        std::string bytes(length, '\0');
        for (SIZE_T i = 0; i < length; ++i) {
            bytes[i] = static_cast<char>(i * 31 >> 8);
        }
        return bytes;
    }
    // A connection on which all of data() has been sent, and its peer has read nothing.
    PWSK_SOCKET connect_and_send(TcpClient& peer) {
        PWSK_SOCKET socket = connect_small(peer);
        EXPECT_EQ(send(socket, data()), STATUS_SUCCESS);
        return socket;
    }
};
OWSK_IN_EVERY_MODE(ReportedAsSent);

TEST_P(ReportedAsSent, ArrivesAlthoughTheSocketIsClosed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    // Whoever closes does not wait for the peer.
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    transport().pause();
    EXPECT_TRUE(peer.receive(length) == data());
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(ReportedAsSent, ArrivesAlthoughTheConnectionIsAborted) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    transport().pause();
    EXPECT_TRUE(peer.receive(length) == data());
    EXPECT_TRUE(peer.saw_reset());
    EXPECT_EQ(send(socket, "x"), STATUS_CONNECTION_ABORTED);
}

TEST_P(ReportedAsSent, ArrivesAlthoughTheConnectionIsAbortedAndTheSocketClosed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.receive(length) == data());
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(ReportedAsSent, ArrivesAlthoughThePeerSendsMeanwhile) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.send(std::string(100'000, 'u')));
    EXPECT_TRUE(peer.receive(length) == data());
}

TEST_P(ReportedAsSent, ArrivesAlthoughThePeerHasFinishedAndUnreadDataIsThere) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    ASSERT_TRUE(peer.send("unread"));
    peer.shutdown_send();
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.receive(length) == data());
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(ReportedAsSent, IsAllThatACancelledSendReportsWhenTheSocketCloses) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    const Buffer buffer(too_much);
    Call sending;
    start_send(sending, socket, buffer);
    EXPECT_THAT(sending, Pends());
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_THAT(sending, CompletesWith(STATUS_CANCELLED));
    EXPECT_GE(peer.receive(length + too_much).size(), length + sending.information());
}

TEST_P(ReportedAsSent, IsAllThatACancelledSendReportsBeforeTheSocketCloses) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    const Buffer buffer(too_much);
    Call sending;
    start_send(sending, socket, buffer);
    EXPECT_TRUE(sending.cancel());
    EXPECT_THAT(sending, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(length + too_much).size(), length + sending.information());
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(ReportedAsSent, DoesNotKeepAConnectionThatThePeerResets) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_and_send(peer);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    peer.reset();
    // The machine, which waits for such connections, stops in no time.
}

}  // namespace
}  // namespace owsk::conformance
