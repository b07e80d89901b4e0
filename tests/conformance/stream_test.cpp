// SPDX-License-Identifier: MIT
// Stream sockets: A19, CN9-CN12 and V34 - what becomes of a socket by its first WskListen or
// WskConnect, and what each function of its table answers before and after.
#include "conformance/stream_fixture.h"

namespace owsk::conformance {
namespace {

class StreamSocket : public StreamTest {};
OWSK_IN_EVERY_MODE(StreamSocket);

TEST_P(StreamSocket, A19_AfterAWskListenItAccepts) {
    PWSK_SOCKET socket = make_listening();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    PWSK_SOCKET accepted = stream_accept(socket);
    EXPECT_EQ(remote_address(accepted), peer.local());
    ASSERT_TRUE(peer.send("there"));
    EXPECT_EQ(receive(accepted, 5), "there");
    EXPECT_EQ(send(accepted, "back"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(4), "back");
}

TEST_P(StreamSocket, A19_OverIpv6) {
    PWSK_SOCKET socket = make_listening({"::1", 0});
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    EXPECT_EQ(remote_address(stream_accept(socket)), peer.local());
}

TEST_P(StreamSocket, A19_AWskAcceptWaitsForAConnection) {
    PWSK_SOCKET socket = make_listening();
    Call call;
    EXPECT_EQ(start_stream_accept(call, socket), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    EXPECT_NE(socket_of(call), nullptr);
}

TEST_P(StreamSocket, CN12_BeforeABindNothingWorks) {
    PWSK_SOCKET socket = make_stream();
    expect_no_listening_functions(socket);
    expect_no_functions_of_a_connection(socket);
    EXPECT_EQ(connect(socket, nobody()), refused);
    EXPECT_EQ(connect_ex(socket, nobody(), "abc"), refused);
    EXPECT_EQ(control_events(socket, WSK_EVENT_ACCEPT), refused);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), refused);
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
}

TEST_P(StreamSocket, BoundItIsNothingYet) {
    PWSK_SOCKET socket = make_bound();
    EXPECT_NE(local_address(socket).port, 0);
    EXPECT_EQ(accept_status(socket), refused);
    expect_no_functions_of_a_connection(socket);
    EXPECT_EQ(bind(socket, loopback), refused);
    EXPECT_EQ(control_events(socket, WSK_EVENT_ACCEPT), refused);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), refused);
    // And nobody can connect to it.
    EXPECT_FALSE(TcpClient().connect(local_address(socket)));
    EXPECT_EQ(listen(socket), STATUS_SUCCESS);
}

TEST_P(StreamSocket, CN9_ConnectedItDoesNotListen) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_connected(listener);
    expect_no_listening_functions(socket);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(local_address(socket), remote_address(accepted));
    EXPECT_EQ(remote_address(socket), local_address(accepted));
    EXPECT_EQ(stream_send(socket, "there", true), STATUS_SUCCESS);
    EXPECT_EQ(receive(accepted, 5), "there");
    EXPECT_EQ(send(accepted, "back"), STATUS_SUCCESS);
    std::string text(4, ' ');
    EXPECT_EQ(stream_receive(socket, text, true), STATUS_SUCCESS);
    EXPECT_EQ(text, "back");
    EXPECT_EQ(stream_disconnect(socket), STATUS_SUCCESS);
    EXPECT_EQ(receive(accepted, 1), "");
}

TEST_P(StreamSocket, CN9_WskConnectExSendsTheFirstBytes) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(connect_ex(socket, local_address(listener), "first"), STATUS_SUCCESS);
    EXPECT_EQ(receive(accept(listener), 5), "first");
    expect_no_listening_functions(socket);
}

TEST_P(StreamSocket, CN10_ListeningItDoesNotConnect) {
    PWSK_SOCKET socket = make_listening();
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(connect(socket, local_address(listener)), refused);
    EXPECT_EQ(connect_ex(socket, local_address(listener), "abc"), refused);
    expect_no_functions_of_a_connection(socket);
    EXPECT_EQ(listen(socket), refused);
    EXPECT_EQ(bind(socket, loopback), refused);
    // It still listens.
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    EXPECT_EQ(remote_address(stream_accept(socket)), peer.local());
}

TEST_P(StreamSocket, CN11_AfterAFailedConnectItCanListen) {
    PWSK_SOCKET socket = make_bound();
    const Endpoint at = local_address(socket);
    EXPECT_EQ(connect(socket, nobody()), STATUS_CONNECTION_REFUSED);
    EXPECT_EQ(listen(socket), STATUS_SUCCESS);
    EXPECT_EQ(local_address(socket), at);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(at));
    EXPECT_EQ(remote_address(stream_accept(socket)), peer.local());
}

TEST_P(StreamSocket, CN11_AfterACancelledConnectItHasOneOutcome) {
    constexpr int rounds = 50;
    PWSK_SOCKET listener = make_listener();
    const Endpoint there = local_address(listener);
    for (int round = 0; round < rounds; ++round) {
        PWSK_SOCKET socket = make_bound();
        Call call;
        start_connect(call, socket, there);
        for (int i = 0; i < round; ++i) {
            transport().yield();
        }
        call.cancel();
        const NTSTATUS connected = call.wait();
        ASSERT_TRUE(connected == STATUS_SUCCESS || connected == STATUS_CANCELLED);
        const NTSTATUS listening = listen(socket);
        if (connected == STATUS_SUCCESS) {
            EXPECT_EQ(listening, refused);
        } else if (listening == STATUS_SUCCESS) {
            TcpClient peer;
            ASSERT_TRUE(peer.connect(local_address(socket)));
            EXPECT_EQ(remote_address(stream_accept(socket)), peer.local());
        } else {
            // The handshake was too quick for the cancellation.
            EXPECT_EQ(listening, refused);
        }
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(StreamSocket, AWskListenWhileAConnectIsPendingFails) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    Call call;
    start_connect(call, socket, local_address(listener));
    // Linux may have connected by now, and then that is the reason.
    EXPECT_TRUE(transport().simulation() == nullptr || !call.completed());
    EXPECT_EQ(listen(socket), refused);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(StreamSocket, OneThatListensAndOneThatConnectsMeet) {
    PWSK_SOCKET listening = make_listening();
    PWSK_SOCKET connected = make_connected(listening);
    PWSK_SOCKET accepted = stream_accept(listening);
    EXPECT_EQ(remote_address(accepted), local_address(connected));
    EXPECT_EQ(close(listening), STATUS_SUCCESS);
    EXPECT_EQ(stream_send(connected, "still"), STATUS_SUCCESS);
    EXPECT_EQ(receive(accepted, 5), "still");
}

TEST_P(StreamSocket, AWskListenNeedsAnIrp) {
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(stream_functions(socket).WskListen(socket, nullptr), STATUS_INVALID_PARAMETER);
}

TEST_P(StreamSocket, AcceptEventsComeToItsContext) {
    PWSK_SOCKET socket = make_listening(loopback, WSK_EVENT_ACCEPT);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    ASSERT_TRUE(log().deliveries.wait_for(1));
    EXPECT_EQ(remote_address(log().deliveries.at(0)), peer.local());
}

TEST_P(StreamSocket, AcceptEventsCanBeDisabled) {
    PWSK_SOCKET socket = make_listening(loopback, WSK_EVENT_ACCEPT);
    Call call;
    start_control_events(call, socket, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    EXPECT_EQ(remote_address(stream_accept(socket)), peer.local());
    EXPECT_EQ(log().deliveries.size(), 0u);
}

TEST_P(StreamSocket, ConnectionEventsOfAListenerAreForAcceptedSockets) {
    PWSK_SOCKET socket = make_listening(loopback, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE),
              STATUS_INVALID_DEVICE_REQUEST);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_TRUE(log().accepted.wait_for_text(3));
    EXPECT_EQ(log().data.size(), 0u);
}

TEST_P(StreamSocket, ConnectionEventsOfAConnectionComeToItsContext) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_connected(listener);
    EXPECT_EQ(control_events(socket, WSK_EVENT_ACCEPT), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(send(accepted, "abc"), STATUS_SUCCESS);
    ASSERT_TRUE(log().data.wait_for(1));
    EXPECT_EQ(log().data.at(0), "abc");
    Call call;
    start_control_events(call, socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(disconnect(accepted), STATUS_SUCCESS);
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(StreamSocket, WithoutATableNoEventCanBeEnabled) {
    PWSK_SOCKET listening = make_socket(WSK_FLAG_STREAM_SOCKET);
    EXPECT_EQ(bind(listening, loopback), STATUS_SUCCESS);
    EXPECT_EQ(listen(listening), STATUS_SUCCESS);
    EXPECT_EQ(control_events(listening, WSK_EVENT_ACCEPT), STATUS_INVALID_PARAMETER);
    PWSK_SOCKET connected = make_socket(WSK_FLAG_STREAM_SOCKET);
    EXPECT_EQ(bind(connected, loopback), STATUS_SUCCESS);
    EXPECT_EQ(connect(connected, local_address(listening)), STATUS_SUCCESS);
    EXPECT_EQ(control_events(connected, WSK_EVENT_RECEIVE), STATUS_INVALID_PARAMETER);
}

TEST_P(StreamSocket, StaticEventsComeWithoutBeingEnabled) {
    EXPECT_EQ(set_static_events(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    PWSK_SOCKET listening = make_listening();
    EXPECT_EQ(control_events(listening, WSK_EVENT_ACCEPT), STATUS_INVALID_DEVICE_REQUEST);
    PWSK_SOCKET connected = make_connected(listening);
    ASSERT_TRUE(log().deliveries.wait_for(1));
    EXPECT_EQ(send(log().deliveries.at(0), "abc"), STATUS_SUCCESS);
    ASSERT_TRUE(log().data.wait_for(1));
    EXPECT_EQ(log().data.at(0), "abc");
    EXPECT_EQ(stream_send(connected, "back"), STATUS_SUCCESS);
    EXPECT_TRUE(log().accepted.wait_for_text(4));
}

TEST_P(StreamSocket, OptionsAreInheritedByAcceptedSockets) {
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    EXPECT_EQ(listen(socket), STATUS_SUCCESS);
    EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    PWSK_SOCKET accepted = stream_accept(socket);
    EXPECT_EQ(get_option(accepted, SOL_SOCKET, SO_KEEPALIVE), 1u);
    EXPECT_EQ(get_option(accepted, IPPROTO_TCP, TCP_NODELAY), 1u);
}

TEST_P(StreamSocket, OptionsOfOneThatConnectsAreThoseOfItsConnection) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
    EXPECT_GT(get_option(socket, SOL_SOCKET, SO_RCVBUF), 0u);
}

TEST_P(StreamSocket, ConditionalAcceptIsRefused) {
    PWSK_SOCKET socket = make_stream();
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0), STATUS_NOT_SUPPORTED);
}

TEST_P(StreamSocket, ACloseCancelsAPendingAccept) {
    PWSK_SOCKET socket = make_listening();
    Call call;
    start_stream_accept(call, socket);
    Call closing;
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_LT(call.sequence(), closing.sequence());
}

TEST_P(StreamSocket, ACloseCancelsAPendingReceive) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_connected(listener);
    const Buffer buffer(SIZE_T{4});
    Call call;
    start_stream_receive(call, socket, buffer);
    Call closing;
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(StreamSocket, ACloseInEachStateFreesTheAddress) {
    EXPECT_EQ(close(make_stream()), STATUS_SUCCESS);
    PWSK_SOCKET bound = make_bound();
    const Endpoint at = local_address(bound);
    EXPECT_EQ(close(bound), STATUS_SUCCESS);
    PWSK_SOCKET listening = make_listening(at);
    EXPECT_EQ(close(listening), STATUS_SUCCESS);
    PWSK_SOCKET again = make_bound(at);
    // After attempts that came to nothing, too.
    EXPECT_EQ(connect(again, nobody()), STATUS_CONNECTION_REFUSED);
    EXPECT_EQ(listen(again), STATUS_SUCCESS);
    EXPECT_EQ(close(again), STATUS_SUCCESS);
    EXPECT_EQ(bind(make_stream(), at), STATUS_SUCCESS);
}

TEST_P(StreamSocket, ACloseResetsWhatNobodyHasAccepted) {
    PWSK_SOCKET socket = make_listening();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(socket)));
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(StreamSocket, AWskListenAndAConnectHaveOneWinner) {
    constexpr int rounds = 50;
    PWSK_SOCKET listener = make_listener();
    const Endpoint there = local_address(listener);
    for (int round = 0; round < rounds; ++round) {
        PWSK_SOCKET socket = make_bound();
        Call listening;
        TestThread other = run_attached([&] { start_listen(listening, socket); });
        const NTSTATUS connected = connect(socket, there);
        other.join();
        const NTSTATUS status = listening.wait();
        EXPECT_NE(NT_SUCCESS(connected), NT_SUCCESS(status))
            << status_name(connected) << ", " << status_name(status);
        EXPECT_TRUE(NT_SUCCESS(connected) || connected == refused);
        EXPECT_TRUE(NT_SUCCESS(status) || status == refused);
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(StreamSocket, CloseInsideTheCompletionOfWskListen) {
    PWSK_SOCKET socket = make_bound();
    Call listening;
    Call closing;
    listening.on_complete = [&] { start_close(closing, socket); };
    start_listen(listening, socket);
    EXPECT_THAT(listening, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
}

}  // namespace
}  // namespace owsk::conformance
