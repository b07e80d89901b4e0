// SPDX-License-Identifier: MIT
// Accept event rules AE1-AE16: WskAcceptEvent.
#include <atomic>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskAcceptEvent : public WskTest {
  protected:
    AcceptEvents& events_ = keep<AcceptEvents>(*this);
    ConnectionLog& connection_ = keep<ConnectionLog>();

    PWSK_SOCKET make_listener_with_events(ULONG mask, const Endpoint& at = {"127.0.0.1", 0}) {
        ListenerOptions options;
        options.at = at;
        options.context = &events_;
        options.dispatch = &AcceptEvents::dispatch;
        options.events = mask;
        return make_listener(options);
    }
    // WskAcceptEvent gives the accepted socket connection_ as its context and callbacks.
    void hand_out_callbacks() {
        events_.answer = [this](const AcceptEvents::Event&,
                                PVOID* context,
                                const WSK_CLIENT_CONNECTION_DISPATCH** dispatch) {
            *context = &connection_;
            *dispatch = &ConnectionLog::dispatch;
            return STATUS_SUCCESS;
        };
    }
    // The peer of the next event's socket.
    TcpClient connect(PWSK_SOCKET listener) {
        TcpClient peer;
        EXPECT_TRUE(peer.connect(local_address(listener)));
        return peer;
    }
};
OWSK_IN_EVERY_MODE(WskAcceptEvent);

TEST_P(WskAcceptEvent, AE1_IsCalledOncePerConnection) {
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    std::vector<TcpClient> peers;
    for (int i = 0; i < 5; ++i) {
        peers.push_back(connect(listener));
        ASSERT_TRUE(events_.log.wait_for(peers.size()));
        EXPECT_EQ(events_.log.at(peers.size() - 1).remote, peers.back().local());
    }
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_EQ(events_.log.size(), peers.size());
}

TEST_P(WskAcceptEvent, AE2_IsNotCalledUnlessEnabled) {
    PWSK_SOCKET listener = make_listener_with_events(0);
    const TcpClient peer = connect(listener);
    EXPECT_EQ(remote_address(accept(listener)), peer.local());
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_THAT(events_.log, StaysAt(0));
}

TEST_P(WskAcceptEvent, AE3_GetsTheContextOfTheListener) {
    auto& other = keep<AcceptEvents>(*this);
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    ListenerOptions options;
    options.context = &other;
    options.dispatch = &AcceptEvents::dispatch;
    options.events = WSK_EVENT_ACCEPT;
    PWSK_SOCKET other_listener = make_listener(options);
    const TcpClient peer = connect(other_listener);
    ASSERT_TRUE(other.log.wait_for(1));
    const TcpClient second = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_THAT(other.log, StaysAt(1));
}

TEST_P(WskAcceptEvent, AE4_GetsTheAddressesOfTheConnection) {
    for (const char* ip : {"127.0.0.1", "::1"}) {
        const std::size_t before = events_.log.size();
        PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT, {ip, 0});
        const TcpClient peer = connect(listener);
        ASSERT_TRUE(events_.log.wait_for(before + 1));
        EXPECT_EQ(events_.log.at(before).local, peer.remote());
        EXPECT_EQ(events_.log.at(before).remote, peer.local());
    }
}

TEST_P(WskAcceptEvent, AE5_ARefusedConnectionEnds) {
    events_.answer =
        [](const AcceptEvents::Event&, PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) -> NTSTATUS {
        return STATUS_REQUEST_NOT_ACCEPTED;
    };
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    EXPECT_TRUE(peer.saw_reset());
    // TearDown finds no socket left over.
    TcpClient second = connect(listener);
    EXPECT_TRUE(second.saw_reset());
    EXPECT_THAT(events_.log, StaysAt(2));
}

TEST_P(WskAcceptEvent, AE6_LaterEventsGetTheContextItHandedOut) {
    hand_out_callbacks();
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    // This ends when the callback has returned, and the socket has its table.
    Call disabling;
    start_control_events(disabling, listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE);
    EXPECT_THAT(disabling, CompletesWith(STATUS_SUCCESS));
    ASSERT_EQ(control_events(events_.log.at(0).socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_TRUE(connection_.wait_for_text(5));
    EXPECT_EQ(connection_.text(), "hello");
}

TEST_P(WskAcceptEvent, AE7_WithoutContextAndTableTheSocketWorksThroughFunctions) {
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    PWSK_SOCKET socket = events_.log.at(0).socket;
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(send(socket, "there"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "there");
    ASSERT_TRUE(peer.send("back"));
    EXPECT_EQ(receive(socket, 16), "back");
}

TEST_P(WskAcceptEvent, AE8_EventsOfTheListenerAreInherited) {
    hand_out_callbacks();
    PWSK_SOCKET listener =
        make_listener_with_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_TRUE(connection_.wait_for_text(5));
    peer.shutdown_send();
    ASSERT_TRUE(connection_.disconnects.wait_for(1));
    EXPECT_EQ(connection_.disconnects.at(0).flags & WSK_FLAG_ABORTIVE, 0u);
    EXPECT_EQ(connection_.text(), "hello");
}

TEST_P(WskAcceptEvent, AE8_InheritedEventsWithoutATableAreHarmless) {
    PWSK_SOCKET listener =
        make_listener_with_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_EQ(receive(events_.log.at(0).socket, 16), "hello");
}

TEST_P(WskAcceptEvent, AE9_WithoutInheritanceTheEventsAreOff) {
    hand_out_callbacks();
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_TRUE(peer.wait_until_arrived());
    ASSERT_TRUE(events_.log.wait_for(1));
    PWSK_SOCKET socket = events_.log.at(0).socket;
    local_address(socket);
    EXPECT_EQ(receive(socket, 16), "hello");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_THAT(connection_.data, StaysAt(0));
}

TEST_P(WskAcceptEvent, AE10_RequestsMayBeIssuedFromTheCallback) {
    Buffer greeting("welcome");
    Buffer buffer(16);
    Call sending;
    Call receiving;
    events_.answer =
        [&](const AcceptEvents::Event& event, PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
            start_receive(receiving, event.socket, buffer);
            start_send(sending, event.socket, greeting);
            return STATUS_SUCCESS;
        };
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    EXPECT_EQ(peer.receive(7), "welcome");
    ASSERT_TRUE(peer.send("thanks"));
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(receiving, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(buffer.text(receiving.information()), "thanks");
}

TEST_P(WskAcceptEvent, AE10_TheSocketMayBeHandedToAnotherThreadFirst) {
    Log<PWSK_SOCKET> handed_over;
    std::string received;
    TestThread other = run_attached([&] {
        ASSERT_TRUE(handed_over.wait_for(1));
        EXPECT_EQ(send(handed_over.at(0), "welcome"), STATUS_SUCCESS);
        received = receive(handed_over.at(0), 16);
    });
    events_.answer =
        [&](const AcceptEvents::Event& event, PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
            handed_over.add(event.socket);
            return STATUS_SUCCESS;
        };
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    EXPECT_EQ(peer.receive(7), "welcome");
    ASSERT_TRUE(peer.send("thanks"));
    ASSERT_TRUE(events_.log.wait_for(1));
    other.join();
    EXPECT_EQ(received, "thanks");
}

TEST_P(WskAcceptEvent, AE11_NoDataEventBeforeTheCallbackHasReturned) {
    Gate data_is_there;
    unsigned returned = 0;
    events_.answer = [&](const AcceptEvents::Event&,
                         PVOID* context,
                         const WSK_CLIENT_CONNECTION_DISPATCH** dispatch) {
        EXPECT_TRUE(data_is_there.wait());
        *context = &connection_;
        *dispatch = &ConnectionLog::dispatch;
        returned = next_in_sequence();
        return STATUS_SUCCESS;
    };
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_TRUE(peer.wait_until_arrived());
    EXPECT_THAT(connection_.data, StaysAt(0));
    data_is_there.open();
    ASSERT_TRUE(connection_.data.wait_for(1));
    EXPECT_GT(connection_.data.at(0).sequence, returned);
}

TEST_P(WskAcceptEvent, AE12_TheFlagTellsTheIrql) {
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    const TcpClient peer = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    const AcceptEvents::Event event = events_.log.at(0);
    EXPECT_EQ(event.flags & ~static_cast<ULONG>(WSK_FLAG_AT_DISPATCH_LEVEL), 0u);
    EXPECT_EQ((event.flags & WSK_FLAG_AT_DISPATCH_LEVEL) != 0, event.irql == DISPATCH_LEVEL);
    EXPECT_LE(event.irql, DISPATCH_LEVEL);
}

TEST_P(WskAcceptEvent, AE14_AStaticEventIsActiveFromTheBindOn) {
    ASSERT_EQ(set_static_events(WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    PWSK_SOCKET listener = make_listener_with_events(0);
    const TcpClient peer = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_EQ(events_.log.at(0).remote, peer.local());
}

TEST_P(WskAcceptEvent, AE14_AStaticEventWithoutATableIsHarmless) {
    ASSERT_EQ(set_static_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    PWSK_SOCKET listener = make_listener();
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_EQ(receive(accept(listener), 16), "hello");
}

TEST_P(WskAcceptEvent, AE15_EnablingDeliversTheConnectionsThatWait) {
    PWSK_SOCKET listener = make_listener_with_events(0);
    std::vector<TcpClient> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(connect(listener));
    }
    ASSERT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    ASSERT_TRUE(events_.log.wait_for(3));
    for (std::size_t i = 0; i < peers.size(); ++i) {
        EXPECT_EQ(events_.log.at(i).remote, peers[i].local());
    }
}

TEST_P(WskAcceptEvent, AE16_TheSocketMayBeClosedInsideTheCallback) {
    Call closing;
    events_.answer =
        [&](const AcceptEvents::Event& event, PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
            start_close(closing, event.socket);
            return STATUS_SUCCESS;
        };
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    TcpClient peer = connect(listener);
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(WskAcceptEvent, TheListenerMayBeClosedInsideTheCallback) {
    Call closing;
    unsigned returned = 0;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    Gate listener_known;
    events_.answer =
        [&](const AcceptEvents::Event&, PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
            EXPECT_TRUE(listener_known.wait());
            EXPECT_EQ(start_close(closing, listener), STATUS_PENDING);
            returned = next_in_sequence();
            return STATUS_SUCCESS;
        };
    listener = make_listener_with_events(WSK_EVENT_ACCEPT);
    const Endpoint at = local_address(listener);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(at));
    listener_known.open();
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(closing.sequence(), returned);
    // The accepted socket lives on.
    EXPECT_EQ(send(events_.log.at(0).socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
}

TEST_P(WskAcceptEvent, ATableWithoutTheCallbackCannotHaveItEnabled) {
    constexpr WSK_CLIENT_LISTEN_DISPATCH empty = {};
    SocketOptions options;
    options.dispatch = &empty;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET, options);
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_FALSE(NT_SUCCESS(control_events(listener, WSK_EVENT_ACCEPT)));
}

// The disabling once was undone when the callback had returned.
TEST_P(WskAcceptEvent, CanDisableWhatTheListenerHandsOn) {
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    events_.answer = [this](const AcceptEvents::Event& event,
                            PVOID* context,
                            const WSK_CLIENT_CONNECTION_DISPATCH** dispatch) {
        *context = &connection_;
        *dispatch = &ConnectionLog::dispatch;
        EXPECT_EQ(control_events(event.socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE),
                  STATUS_SUCCESS);
        return STATUS_SUCCESS;
    };
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(events_.log.wait_for(1));
    EXPECT_EQ(receive(events_.log.at(0).socket, 3, WSK_FLAG_WAITALL), "abc");
    EXPECT_THAT(connection_.data, StaysAt(0));
}

TEST_P(WskAcceptEvent, CanEnableEventsBeforeItHasNamedTheTable) {
    PWSK_SOCKET listener = make_listener_with_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    events_.answer = [this](const AcceptEvents::Event& event,
                            PVOID* context,
                            const WSK_CLIENT_CONNECTION_DISPATCH** dispatch) {
        *context = &connection_;
        EXPECT_EQ(control_events(event.socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE),
                  STATUS_SUCCESS);
        EXPECT_EQ(control_events(event.socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
        *dispatch = &ConnectionLog::dispatch;
        return STATUS_SUCCESS;
    };
    TcpClient peer = connect(listener);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_TRUE(connection_.wait_for_text(3));
    EXPECT_EQ(connection_.text(), "abc");
}

}  // namespace
}  // namespace owsk::conformance
