// SPDX-License-Identifier: MIT
// SO_WSK_EVENT_CALLBACK and WSK_SET_STATIC_EVENT_CALLBACKS.
#include <atomic>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class EventControl : public ConnectionTest {
  protected:
    static constexpr ULONG disable_receive = WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE;

    // The callbacks of listeners; sockets from WskAcceptEvent get the table and context of log().
    Inspector& events() { return events_; }
    PWSK_SOCKET make_event_listener(ULONG mask) {
        events_.answer = [this](PVOID* context, const WSK_CLIENT_CONNECTION_DISPATCH** table) {
            *context = &log();
            *table = &ConnectionLog::dispatch;
            return STATUS_SUCCESS;
        };
        ListenerOptions options;
        options.context = &events_;
        options.dispatch = &Inspector::dispatch;
        options.events = mask;
        return make_listener(options);
    }
    // The next data event stays in its callback until go_on() is opened.
    void hold_next_event() {
        log().answer = [this](const ConnectionLog::Data&, SIZE_T*) {
            stay();
            return STATUS_SUCCESS;
        };
    }
    void hold_disconnect_event() {
        log().on_disconnected = [this] { stay(); };
    }
    Gate& entered() { return entered_; }
    Gate& go_on() { return go_on_; }
    unsigned left() const { return left_; }

  private:
    void stay() {
        entered_.open();
        EXPECT_TRUE(go_on_.wait());
        left_ = next_in_sequence();
    }

    Inspector& events_ = keep<Inspector>(*this);
    Gate entered_;
    Gate go_on_;
    std::atomic<unsigned> left_ = 0;
};
OWSK_IN_EVERY_MODE(EventControl);

TEST_P(EventControl, EC1_EnablesSeveralEventsAtOnce) {
    TcpClient peer;
    connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(peer.send("abc"));
    peer.shutdown_send();
    EXPECT_TRUE(log().wait_for_text(3));
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(EventControl, EC1_EnablingWithAnIrpCompletesIt) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    start_control_events(call, socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    ASSERT_TRUE(peer.send("abc"));
    peer.shutdown_send();
    EXPECT_TRUE(log().wait_for_text(3));
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(EventControl, EC1_EnablingAListenersEventWithAnIrpCompletesIt) {
    PWSK_SOCKET listener = make_event_listener(0);
    Call call;
    start_control_events(call, listener, WSK_EVENT_ACCEPT);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_TRUE(events().deliveries.wait_for(1));
}

TEST_P(EventControl, EC2_EnablingTooEarlyWithAnIrpFailsIt) {
    SocketOptions options;
    options.context = &events();
    options.dispatch = &Inspector::dispatch;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET, options);
    Call call;
    start_control_events(call, listener, WSK_EVENT_ACCEPT);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
}

TEST_P(EventControl, EC2_EnablingBeforeBindOrConnectFails) {
    SocketOptions options;
    options.context = &events();
    options.dispatch = &Inspector::dispatch;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET, options);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_INVALID_DEVICE_STATE);
    options.context = &log();
    options.dispatch = &ConnectionLog::dispatch;
    PWSK_SOCKET connection = make_socket(WSK_FLAG_CONNECTION_SOCKET, options);
    EXPECT_EQ(control_events(connection, WSK_EVENT_RECEIVE), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(EventControl, EC3_EventsOfAnotherCategoryAreRefused) {
    PWSK_SOCKET listener = make_event_listener(0);
    EXPECT_EQ(control_events(listener, WSK_EVENT_RECEIVE_FROM), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(listener, 0x00010000), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(listener, 0), STATUS_INVALID_PARAMETER);
    TcpClient peer;
    PWSK_SOCKET connection = connect(peer);
    EXPECT_EQ(control_events(connection, WSK_EVENT_ACCEPT), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(connection, WSK_EVENT_RECEIVE | WSK_EVENT_RECEIVE_FROM),
              STATUS_INVALID_PARAMETER);
}

TEST_P(EventControl, EC4_ADisabledIdleEventComesNoMore) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    EXPECT_EQ(control_events(socket, disable_receive), STATUS_SUCCESS);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_EQ(receive(socket, 3, WSK_FLAG_WAITALL), "abc");
    EXPECT_THAT(log().data, StaysAt(0));
}

TEST_P(EventControl, EC5_DisablingAnIdleEventCompletesTheIrp) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    Call call;
    start_control_events(call, socket, disable_receive);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_EQ(receive(socket, 3, WSK_FLAG_WAITALL), "abc");
    EXPECT_THAT(log().data, StaysAt(0));
}

TEST_P(EventControl, EC6_TheIrpWaitsForARunningCallback) {
    hold_next_event();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered().wait());
    Call call;
    EXPECT_EQ(start_control_events(call, socket, disable_receive), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    go_on().open();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(call.sequence(), left());
    ASSERT_TRUE(peer.send("def"));
    EXPECT_EQ(receive(socket, 3, WSK_FLAG_WAITALL), "def");
    EXPECT_THAT(log().data, StaysAt(1));
}

TEST_P(EventControl, EC7_WithoutAnIrpARunningCallbackIsReportedAndTheLastOne) {
    hold_next_event();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered().wait());
    EXPECT_EQ(control_events(socket, disable_receive), STATUS_EVENT_PENDING);
    ASSERT_TRUE(peer.send("def"));
    go_on().open();
    EXPECT_EQ(receive(socket, 3, WSK_FLAG_WAITALL), "def");
    EXPECT_THAT(log().data, StaysAt(1));
}

TEST_P(EventControl, EC6_TheIrpWaitsForARunningDisconnectEvent) {
    hold_disconnect_event();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    peer.shutdown_send();
    ASSERT_TRUE(entered().wait());
    Call call;
    EXPECT_EQ(start_control_events(call, socket, WSK_EVENT_DISCONNECT | WSK_EVENT_DISABLE),
              STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    go_on().open();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(call.sequence(), left());
}

TEST_P(EventControl, EC7_WithoutAnIrpARunningDisconnectEventIsReportedAndTheLastOne) {
    hold_disconnect_event();
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    peer.shutdown_send();
    ASSERT_TRUE(entered().wait());
    EXPECT_EQ(control_events(socket, WSK_EVENT_DISCONNECT | WSK_EVENT_DISABLE),
              STATUS_EVENT_PENDING);
    peer.reset();
    go_on().open();
    close(socket);
    EXPECT_THAT(log().disconnects, StaysAt(1));
}

TEST_P(EventControl, EC8_AnEventCanBeDisabledFromItsOwnCallback) {
    std::atomic<PWSK_SOCKET> socket = nullptr;
    Gate known;
    std::atomic<NTSTATUS> status = STATUS_UNSUCCESSFUL;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        EXPECT_TRUE(known.wait());
        status = control_events(socket, disable_receive);
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    known.open();
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().data.wait_for(1));
    EXPECT_EQ(status, STATUS_EVENT_PENDING);
    ASSERT_TRUE(peer.send("def"));
    EXPECT_EQ(receive(socket, 3, WSK_FLAG_WAITALL), "def");
    EXPECT_THAT(log().data, StaysAt(1));
}

TEST_P(EventControl, EC8_AnEventCanBeDisabledWithAnIrpFromItsOwnCallback) {
    std::atomic<PWSK_SOCKET> socket = nullptr;
    Gate known;
    Call call;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        EXPECT_TRUE(known.wait());
        EXPECT_EQ(start_control_events(call, socket, disable_receive), STATUS_PENDING);
        EXPECT_FALSE(call.completed());
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    known.open();
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().data.wait_for(1));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(EventControl, EC9_DisablingTwoEventsAtOnceFails) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    EXPECT_EQ(control_events(socket, disable_receive | WSK_EVENT_DISCONNECT),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(socket, WSK_EVENT_DISABLE), STATUS_INVALID_PARAMETER);
    // Both are still on.
    ASSERT_TRUE(peer.send("abc"));
    peer.shutdown_send();
    EXPECT_TRUE(log().wait_for_text(3));
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(EventControl, EC10_AnEventCanBeEnabledAgain) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    EXPECT_EQ(control_events(socket, disable_receive), STATUS_SUCCESS);
    ASSERT_TRUE(peer.send("meanwhile"));
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for_text(9));
    EXPECT_EQ(log().text(), "meanwhile");
}

TEST_P(EventControl, EC11_InheritedEventsOutlastTheAcceptEvent) {
    PWSK_SOCKET listener = make_event_listener(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE), STATUS_SUCCESS);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().wait_for_text(3));
    EXPECT_EQ(log().text(), "abc");
    // On the accepted socket they can be disabled.
    PWSK_SOCKET socket = events().deliveries.at(0).socket;
    EXPECT_NE(control_events(socket, disable_receive), STATUS_INVALID_DEVICE_REQUEST);
}

TEST_P(EventControl, EC12_InheritedEventsCannotBeDisabledOnTheListener) {
    PWSK_SOCKET listener = make_event_listener(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    EXPECT_EQ(control_events(listener, disable_receive), STATUS_INVALID_DEVICE_REQUEST);
    Call call;
    start_control_events(call, listener, disable_receive);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_REQUEST));
}

TEST_P(EventControl, EC13_AnUnknownInterfaceIsRefused) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    NPIID unknown = NPI_WSK_INTERFACE_ID;
    unknown.Data1 ^= 1;
    const auto control = [&](PNPIID id) {
        WSK_EVENT_CALLBACK_CONTROL input = {id, WSK_EVENT_RECEIVE};
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskSetOption,
                                                        SO_WSK_EVENT_CALLBACK,
                                                        SOL_SOCKET,
                                                        sizeof input,
                                                        &input,
                                                        0,
                                                        nullptr,
                                                        nullptr,
                                                        nullptr);
    };
    EXPECT_EQ(control(&unknown), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control(nullptr), STATUS_INVALID_PARAMETER);
    // The contents count, not the address.
    NPIID copy = NPI_WSK_INTERFACE_ID;
    EXPECT_EQ(control(&copy), STATUS_SUCCESS);
}

TEST_P(EventControl, EC14_StaticEventsAreOnFromTheStartAndForGood) {
    ASSERT_EQ(set_static_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT |
                                WSK_EVENT_RECEIVE_FROM),
              STATUS_SUCCESS);
    PWSK_SOCKET listener = make_event_listener(0);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().wait_for_text(3));
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE),
              STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_INVALID_DEVICE_REQUEST);
    PWSK_SOCKET socket = events().deliveries.at(0).socket;
    EXPECT_EQ(control_events(socket, disable_receive), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE_FROM), STATUS_INVALID_PARAMETER);
    peer.shutdown_send();
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(EventControl, EC14_StaticEventsHoldForSocketsFromWskAccept) {
    ASSERT_EQ(set_static_events(WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    TcpClient peer;
    connect(peer);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_TRUE(log().wait_for_text(3));
}

TEST_P(EventControl, EC15_StaticEventsComeBeforeTheFirstSocket) {
    make_socket(WSK_FLAG_LISTEN_SOCKET);
    EXPECT_EQ(set_static_events(WSK_EVENT_ACCEPT), STATUS_INVALID_DEVICE_STATE);
}

}  // namespace
}  // namespace owsk::conformance
