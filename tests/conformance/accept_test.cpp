// SPDX-License-Identifier: MIT
// Accept rules A1-A17: WskAccept.
#include <set>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskAccept : public WskTest {
  protected:
    // A peer whose connection waits in the listener.
    TcpClient connect_and_wait(PWSK_SOCKET listener, const std::string& data = "x") {
        TcpClient peer;
        EXPECT_TRUE(peer.connect(local_address(listener)));
        EXPECT_TRUE(peer.send(data));
        // What the other side has acknowledged came over an established connection.
        EXPECT_TRUE(peer.wait_until_arrived());
        return peer;
    }
    PWSK_SOCKET make_listener_with_events(AcceptEvents& events, ULONG mask) {
        ListenerOptions options;
        options.context = &events;
        options.dispatch = &AcceptEvents::dispatch;
        options.events = mask;
        return make_listener(options);
    }
};
OWSK_IN_EVERY_MODE(WskAccept);

TEST_P(WskAccept, A1_WithoutAConnectionItPends) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_accept(call, listener);
    EXPECT_THAT(call, Pends());
    local_address(listener);
    EXPECT_THAT(call, Pends());
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_EQ(remote_address(socket_of(call)), peer.local());
}

TEST_P(WskAccept, A2_AnArrivingConnectionCompletesTheOldestPendingAccept) {
    PWSK_SOCKET listener = make_listener();
    Call calls[3];
    TcpClient peers[3];
    for (Call& call : calls) {
        start_accept(call, listener);
        EXPECT_THAT(call, Pends());
    }
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(peers[i].connect(local_address(listener)));
        EXPECT_EQ(remote_address(socket_of(calls[i])), peers[i].local());
        for (int later = i + 1; later < 3; ++later) {
            EXPECT_THAT(calls[later], Pends());
        }
    }
}

TEST_P(WskAccept, A3_WithAConnectionWaitingItSucceeds) {
    PWSK_SOCKET listener = make_listener();
    // At the moment of one call the listener may be busy with the arrival, and the call be queued;
    // not at every call.
    int inline_calls = 0;
    for (int i = 0; i < 20; ++i) {
        const TcpClient peer = connect_and_wait(listener);
        transport().pause();
        Call call;
        start_accept(call, listener);
        if (call.returned() == STATUS_SUCCESS) {
            EXPECT_TRUE(call.completed());
            EXPECT_FALSE(call.pending_returned());
            ++inline_calls;
        } else {
            EXPECT_EQ(call.returned(), STATUS_PENDING);
        }
        PWSK_SOCKET socket = socket_of(call);
        EXPECT_EQ(remote_address(socket), peer.local());
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
    if (immediate_mode()) {
        EXPECT_GT(inline_calls, 0);
    } else if (windows_mode() || deferred_mode()) {
        EXPECT_EQ(inline_calls, 0);
    }
}

TEST_P(WskAccept, A4_QueuedAcceptsAndConnectionsMatchOneToOne) {
    constexpr int count = 16;
    PWSK_SOCKET listener = make_listener();
    Call calls[count];
    TcpClient peers[count];
    for (int i = 0; i < count / 2; ++i) {
        start_accept(calls[i], listener);
    }
    std::multiset<std::uint16_t> expected;
    for (TcpClient& peer : peers) {
        ASSERT_TRUE(peer.connect(local_address(listener)));
        expected.insert(peer.local().port);
    }
    for (int i = count / 2; i < count; ++i) {
        start_accept(calls[i], listener);
    }
    std::multiset<std::uint16_t> accepted;
    for (const Call& call : calls) {
        accepted.insert(remote_address(socket_of(call)).port);
    }
    EXPECT_EQ(accepted, expected);
}

TEST_P(WskAccept, A5_TheAddressesAreFilledInAsAskedFor) {
    PWSK_SOCKET listener = make_listener();
    for (int wanted = 0; wanted < 4; ++wanted) {
        SOCKADDR_STORAGE local = {};
        SOCKADDR_STORAGE remote = {};
        AcceptOptions options;
        options.local = (wanted & 1) != 0 ? generic(local) : nullptr;
        options.remote = (wanted & 2) != 0 ? generic(remote) : nullptr;
        // Both ways: with a connection waiting, and with one that comes later.
        for (const bool waiting : {false, true}) {
            TcpClient peer;
            Call call;
            if (waiting) {
                peer = connect_and_wait(listener);
                start_accept(call, listener, options);
            } else {
                start_accept(call, listener, options);
                ASSERT_TRUE(peer.connect(local_address(listener)));
            }
            socket_of(call);
            EXPECT_EQ(local.ss_family, (wanted & 1) != 0 ? AF_INET : 0);
            EXPECT_EQ(remote.ss_family, (wanted & 2) != 0 ? AF_INET : 0);
            if (options.local != nullptr) {
                EXPECT_EQ(endpoint_of(&local), peer.remote());
            }
            if (options.remote != nullptr) {
                EXPECT_EQ(endpoint_of(&remote), peer.local());
            }
        }
    }
}

TEST_P(WskAccept, A5_TheAddressesOfAnIpv6ListenerAreIpv6) {
    ListenerOptions at;
    at.at = {"::1", 0};
    PWSK_SOCKET listener = make_listener(at);
    SOCKADDR_STORAGE local = {};
    SOCKADDR_STORAGE remote = {};
    AcceptOptions options;
    options.local = generic(local);
    options.remote = generic(remote);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    accept(listener, options);
    EXPECT_EQ(endpoint_of(&local), peer.remote());
    EXPECT_EQ(endpoint_of(&remote), peer.local());
}

TEST_P(WskAccept, A6_TheAcceptedSocketHasTheTableOfConnections) {
    TcpClient peer;
    PWSK_SOCKET accepted = make_connection(peer);
    EXPECT_EQ(accepted->Dispatch, make_socket(WSK_FLAG_CONNECTION_SOCKET)->Dispatch);
}

TEST_P(WskAccept, A7_EventsOfTheListenerAreNotInherited) {
    auto& events = keep<AcceptEvents>(*this);
    PWSK_SOCKET listener = make_listener_with_events(events, WSK_EVENT_RECEIVE);
    auto& log = keep<ConnectionLog>();
    AcceptOptions options;
    options.context = &log;
    options.dispatch = &ConnectionLog::dispatch;
    const TcpClient peer = connect_and_wait(listener, "hello");
    PWSK_SOCKET socket = accept(listener, options);
    local_address(socket);
    EXPECT_EQ(receive(socket, 16), "hello");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_THAT(log.data, StaysAt(0));
}

TEST_P(WskAccept, A8_EventsEnabledLaterGetTheContextOfTheAccept) {
    auto& log = keep<ConnectionLog>();
    AcceptOptions options;
    options.context = &log;
    options.dispatch = &ConnectionLog::dispatch;
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer, options);
    ASSERT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_TRUE(log.wait_for_text(5));
    EXPECT_EQ(log.text(), "hello");
}

TEST_P(WskAccept, A9_WithoutATableNoEventCanBeEnabled) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    EXPECT_FALSE(NT_SUCCESS(control_events(socket, WSK_EVENT_RECEIVE)));
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_EQ(receive(socket, 16), "hello");
}

TEST_P(WskAccept, A10_ClosingTheListenerCancelsPendingAccepts) {
    PWSK_SOCKET listener = make_listener();
    Call calls[3];
    for (Call& call : calls) {
        start_accept(call, listener);
    }
    Call closing;
    start_close(closing, listener);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    for (const Call& call : calls) {
        EXPECT_TRUE(call.completed());
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_EQ(call.information(), 0u);
        EXPECT_LT(call.sequence(), closing.sequence());
    }
}

TEST_P(WskAccept, A11_AnAcceptedSocketSurvivesItsListener) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_EQ(send(socket, "there"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "there");
    ASSERT_TRUE(peer.send("back"));
    EXPECT_EQ(receive(socket, 16), "back");
}

TEST_P(WskAccept, A12_BeforeTheBindItFails) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    Call call;
    start_accept(call, listener);
    EXPECT_THAT(call, Fails());
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskAccept, A13_A14_APendingAcceptComesBeforeTheEvent) {
    auto& events = keep<AcceptEvents>(*this);
    PWSK_SOCKET listener = make_listener_with_events(events, WSK_EVENT_ACCEPT);
    Call call;
    start_accept(call, listener);
    TcpClient first;
    TcpClient second;
    ASSERT_TRUE(first.connect(local_address(listener)));
    EXPECT_EQ(remote_address(socket_of(call)), first.local());
    EXPECT_THAT(events.log, StaysAt(0));
    ASSERT_TRUE(second.connect(local_address(listener)));
    ASSERT_TRUE(events.log.wait_for(1));
    EXPECT_EQ(events.log.at(0).remote, second.local());
}

TEST_P(WskAccept, A15_ADisabledAcceptEventIsNotCalled) {
    auto& events = keep<AcceptEvents>(*this);
    PWSK_SOCKET listener = make_listener_with_events(events, WSK_EVENT_ACCEPT);
    ASSERT_EQ(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE), STATUS_SUCCESS);
    const TcpClient first = connect_and_wait(listener);
    const TcpClient second = connect_and_wait(listener);
    EXPECT_EQ(remote_address(accept(listener)), first.local());
    EXPECT_EQ(remote_address(accept(listener)), second.local());
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_THAT(events.log, StaysAt(0));
}

TEST_P(WskAccept, A16_DataSentBeforeTheAcceptIsReadable) {
    PWSK_SOCKET listener = make_listener();
    const TcpClient peer = connect_and_wait(listener, "early");
    EXPECT_EQ(receive(accept(listener), 16), "early");
}

TEST_P(WskAccept, A16_DataOfAPeerThatHasFinishedIsReadable) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer = connect_and_wait(listener, "last words");
    peer.close();
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(receive(socket, 16), "last words");
    EXPECT_EQ(receive(socket, 16), "");
}

TEST_P(WskAccept, A17_OptionsOfTheListenerAreInherited) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_RCVBUF, 32768), STATUS_SUCCESS);
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_RCVBUF), 32768u);
}

TEST_P(WskAccept, A17_OptionsSetAfterTheBindAreInheritedToo) {
    PWSK_SOCKET listener = make_listener();
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_EQ(get_option(accept(listener), SOL_SOCKET, SO_KEEPALIVE), 1u);
}

TEST_P(WskAccept, C7_ReservedFlagsFail) {
    PWSK_SOCKET listener = make_listener();
    AcceptOptions options;
    options.flags = 1;
    Call call;
    start_accept(call, listener, options);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskAccept, ACancelledAcceptConsumesNoConnection) {
    PWSK_SOCKET listener = make_listener();
    Call cancelled;
    start_accept(cancelled, listener);
    EXPECT_TRUE(cancelled.cancel());
    EXPECT_THAT(cancelled, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(cancelled.information(), 0u);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_EQ(remote_address(accept(listener)), peer.local());
}

TEST_P(WskAccept, CancellingWhileAConnectionArrivesLosesNothing) {
    PWSK_SOCKET listener = make_listener();
    for (int i = 0; i < 50; ++i) {
        Call call;
        start_accept(call, listener);
        TcpClient peer;
        TestThread canceller = run_attached([&] { call.cancel(); });
        const bool connected = peer.connect(local_address(listener));
        canceller.join();
        ASSERT_TRUE(connected);
        PWSK_SOCKET socket = call.wait() == STATUS_CANCELLED ? accept(listener) : socket_of(call);
        EXPECT_EQ(remote_address(socket), peer.local());
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(WskAccept, AnAcceptOutlivesTheThreadThatIssuedIt) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    run_attached([&] { start_accept(call, listener); }).join();
    EXPECT_THAT(call, Pends());
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_EQ(remote_address(socket_of(call)), peer.local());
}

TEST_P(WskAccept, AClosedListenerResetsTheConnectionsThatWait) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer = connect_and_wait(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(WskAccept, AClosedListenerRefusesConnections) {
    PWSK_SOCKET listener = make_listener();
    const Endpoint at = local_address(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    TcpClient peer;
    EXPECT_FALSE(peer.connect(at));
}

}  // namespace
}  // namespace owsk::conformance
