// SPDX-License-Identifier: MIT
// Connect rules CN1-CN4 and SK10-SK13, and what B1-B19 say of sockets that connect: WskBind,
// WskConnect and WskSocketConnect.
#include "conformance/connection_fixture.h"
#include "conformance/tested.h"

namespace owsk::conformance {
namespace {

class Connecting : public ConditionalTest {
  protected:
    PWSK_SOCKET make_unconnected(ADDRESS_FAMILY family = AF_INET) {
        SocketOptions options;
        options.family = family;
        options.context = &log_;
        options.dispatch = &ConnectionLog::dispatch;
        return make_socket(WSK_FLAG_CONNECTION_SOCKET, options);
    }
    PWSK_SOCKET make_bound(const Endpoint& at = wildcard) {
        PWSK_SOCKET socket = make_unconnected(at.is_v6() ? AF_INET6 : AF_INET);
        EXPECT_EQ(bind(socket, at), STATUS_SUCCESS);
        return socket;
    }
    NTSTATUS start_connect(Call& call, PWSK_SOCKET socket, const Endpoint& to, ULONG flags = 0) {
        SOCKADDR_STORAGE address = sockaddr_of(to);
        return call.returns(
            connection_functions(socket).WskConnect(socket, generic(address), flags, call.irp()));
    }
    NTSTATUS start_connect_ex(
        Call& call, PWSK_SOCKET socket, const Endpoint& to, const Buffer* first, ULONG flags = 0) {
        SOCKADDR_STORAGE address = sockaddr_of(to);
        WSK_BUF buffer = first != nullptr ? first->wsk() : WSK_BUF{};
        return call.returns(connection_functions(socket).WskConnectEx(
            socket, generic(address), first != nullptr ? &buffer : nullptr, flags, call.irp()));
    }
    NTSTATUS connect(PWSK_SOCKET socket, const Endpoint& to) {
        Call call;
        start_connect(call, socket, to);
        return call.wait();
    }
    NTSTATUS start_socket_connect(Call& call, const Endpoint& from, const Endpoint& to) {
        SOCKADDR_STORAGE local = sockaddr_of(from);
        SOCKADDR_STORAGE remote = sockaddr_of(to);
        return call.returns(provider().WskSocketConnect(client(),
                                                        SOCK_STREAM,
                                                        IPPROTO_TCP,
                                                        generic(local),
                                                        generic(remote),
                                                        0,
                                                        &log_,
                                                        &ConnectionLog::dispatch,
                                                        nullptr,
                                                        nullptr,
                                                        nullptr,
                                                        call.irp()));
    }
    // A port at which nobody listens.
    Endpoint nobody() { return {"127.0.0.1", transport().random_port()}; }
    // Somewhere a connection attempt gets no answer for now.
    Endpoint silence() {
        pend_all();
        return local_address(make_conditional(WSK_EVENT_ACCEPT));
    }
    // Lets the handshake come a bit further in each round.
    static void let_it_come(int round) {
        for (int i = 0; i < round; ++i) {
            transport().yield();
        }
    }
    bool has_silence() const { return asks_before_handshake(); }
    ConnectionLog& log() { return log_; }

  private:
    ConnectionLog& log_ = keep<ConnectionLog>();
};

class WskConnect : public Connecting {};
OWSK_IN_EVERY_MODE(WskConnect);

TEST_P(WskConnect, CN1_AfterABindItConnects) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    Call call;
    start_connect(call, socket, local_address(listener));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(remote_address(socket), local_address(accepted));
    EXPECT_EQ(local_address(socket), remote_address(accepted));
    EXPECT_EQ(send(socket, "there"), STATUS_SUCCESS);
    EXPECT_EQ(receive(accepted, 5), "there");
    EXPECT_EQ(send(accepted, "back"), STATUS_SUCCESS);
    EXPECT_EQ(receive(socket, 4), "back");
}

TEST_P(WskConnect, CN1_OverIpv6) {
    ListenerOptions options;
    options.at = {"::1", 0};
    PWSK_SOCKET listener = make_listener(options);
    PWSK_SOCKET socket = make_bound({"::", 0});
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(local_address(socket), remote_address(accept(listener)));
}

TEST_P(WskConnect, CN1_BeforeABindItFails) {
    PWSK_SOCKET socket = make_unconnected();
    EXPECT_EQ(connect(socket, local_address(make_listener())), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskConnect, ASecondTimeFails) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskConnect, WrongArgumentsFail) {
    const Endpoint there = local_address(make_listener());
    PWSK_SOCKET socket = make_bound();
    Call flags;
    start_connect(flags, socket, there, 1);
    EXPECT_THAT(flags, CompletesWith(STATUS_INVALID_PARAMETER));
    Call nothing;
    nothing.returns(connection_functions(socket).WskConnect(socket, nullptr, 0, nothing.irp()));
    EXPECT_THAT(nothing, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(connection_functions(socket).WskConnect(socket, nullptr, 0, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(connect(socket, {"::1", there.port}), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(connect(socket, {"0.0.0.0", there.port}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(connect(socket, {"127.0.0.1", 0}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(connect(socket, there), STATUS_SUCCESS);
}

TEST_P(WskConnect, CN2_AClosedPortRefuses) {
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(connect(socket, nobody()), STATUS_CONNECTION_REFUSED);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
}

TEST_P(WskConnect, CN2_AfterARefusalItCanBeTriedAgainFromTheSameAddress) {
    PWSK_SOCKET socket = make_bound(loopback);
    const Endpoint from = local_address(socket);
    EXPECT_EQ(connect(socket, nobody()), STATUS_CONNECTION_REFUSED);
    EXPECT_EQ(local_address(socket), from);
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(remote_address(accept(listener)), from);
}

TEST_P(WskConnect, CN3_WithoutAnAnswerItStaysPendingUntilItIsCancelled) {
    if (!has_silence()) {
        GTEST_SKIP() << "this gate answers before it asks";
    }
    PWSK_SOCKET socket = make_bound();
    Call call;
    EXPECT_EQ(start_connect(call, socket, silence()), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
}

TEST_P(WskConnect, WhileOneIsPendingASecondFails) {
    if (!has_silence()) {
        GTEST_SKIP() << "this gate answers before it asks";
    }
    PWSK_SOCKET socket = make_bound();
    Call call;
    const Endpoint there = silence();
    start_connect(call, socket, there);
    EXPECT_EQ(connect(socket, there), STATUS_INVALID_DEVICE_STATE);
    EXPECT_THAT(call, Pends());
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(WskConnect, CN4_ACloseEndsThePendingOneFirst) {
    if (!has_silence()) {
        GTEST_SKIP() << "this gate answers before it asks";
    }
    PWSK_SOCKET socket = make_bound();
    Call call;
    start_connect(call, socket, silence());
    Call closing;
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_LT(call.sequence(), closing.sequence());
}

TEST_P(WskConnect, ACloseAndTheHandshakeHaveOneOutcome) {
    constexpr int rounds = 100;
    const Endpoint there = local_address(make_listener());
    for (int round = 0; round < rounds; ++round) {
        PWSK_SOCKET socket = make_bound();
        Call call;
        start_connect(call, socket, there);
        let_it_come(round);
        Call closing;
        start_close(closing, socket);
        ASSERT_THAT(closing, CompletesWith(STATUS_SUCCESS));
        const NTSTATUS status = call.wait();
        EXPECT_TRUE(status == STATUS_SUCCESS || status == STATUS_CANCELLED) << status_name(status);
        EXPECT_LT(call.sequence(), closing.sequence());
    }
}

TEST_P(WskConnect, ACancellationAndTheHandshakeHaveOneOutcome) {
    constexpr int rounds = 100;
    const Endpoint there = local_address(make_listener());
    for (int round = 0; round < rounds; ++round) {
        PWSK_SOCKET socket = make_bound();
        Call call;
        start_connect(call, socket, there);
        let_it_come(round);
        call.cancel();
        const NTSTATUS status = call.wait();
        ASSERT_TRUE(status == STATUS_SUCCESS || status == STATUS_CANCELLED) << status_name(status);
        SOCKADDR_STORAGE address = {};
        Call query;
        start_remote_address(query, socket, address);
        EXPECT_EQ(query.wait(),
                  status == STATUS_SUCCESS ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE);
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(WskConnect, AnAcceptedSocketCannot) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    EXPECT_EQ(bind(socket, wildcard), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(connect(socket, local_address(make_listener())), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskConnect, EventsCanBeEnabledAfterwardsOnly) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(send(accepted, "abc"), STATUS_SUCCESS);
    EXPECT_TRUE(log().wait_for_text(3));
    EXPECT_EQ(log().text(), "abc");
    EXPECT_EQ(disconnect(accepted), STATUS_SUCCESS);
    EXPECT_TRUE(log().disconnects.wait_for(1));
}

TEST_P(WskConnect, StaticEventsAreOnFromTheBeginning) {
    EXPECT_EQ(set_static_events(WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(send(accept(listener), "abc"), STATUS_SUCCESS);
    EXPECT_TRUE(log().wait_for_text(3));
}

TEST_P(WskConnect, OptionsThatWereSetBeforeAreThoseOfTheConnection) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_unconnected();
    EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, wildcard), STATUS_SUCCESS);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_NODELAY), 1u);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
}

class WskConnectEx : public Connecting {};
OWSK_IN_EVERY_MODE(WskConnectEx);

TEST_P(WskConnectEx, CN5_ThePeerGetsItsBytesFirst) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    const Buffer first("first");
    Call call;
    start_connect_ex(call, socket, local_address(listener), &first);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    EXPECT_EQ(send(socket, "then"), STATUS_SUCCESS);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(receive(accepted, 9, WSK_FLAG_WAITALL), "firstthen");
}

// In a network of our own they travel in the SYN.
TEST_P(WskConnectEx, CN5_SoItDoesWithFastOpen) {
    PWSK_SOCKET listener = make_listener();
    ASSERT_EQ(set_option(listener, IPPROTO_TCP, TCP_FASTOPEN, 1), STATUS_SUCCESS);
    for (const std::string& text : {std::string("first"), std::string(60'000, 'x')}) {
        PWSK_SOCKET socket = make_bound();
        ASSERT_EQ(set_option(socket, IPPROTO_TCP, TCP_FASTOPEN, 1), STATUS_SUCCESS);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_FASTOPEN), 1u);
        const Buffer first(text);
        Call call;
        start_connect_ex(call, socket, local_address(listener), &first);
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(send(socket, "then"), STATUS_SUCCESS);
        PWSK_SOCKET accepted = accept(listener);
        EXPECT_EQ(receive(accepted, text.size() + 4, WSK_FLAG_WAITALL), text + "then");
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_FASTOPEN, 0), STATUS_INVALID_DEVICE_STATE);
    }
}

TEST_P(WskConnectEx, CN6_WithoutABufferItIsWskConnect) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    Call call;
    start_connect_ex(call, socket, local_address(listener), nullptr);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(send(socket, "abc"), STATUS_SUCCESS);
    EXPECT_EQ(receive(accept(listener), 3), "abc");
}

TEST_P(WskConnectEx, CN7_AFlagFails) {
    Call call;
    start_connect_ex(call, make_bound(), local_address(make_listener()), nullptr, 1);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskConnectEx, CN8_65535BytesAreTheMost) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    const Buffer most(65'535);
    const Buffer more(65'536);
    Call overflow;
    start_connect_ex(overflow, socket, local_address(listener), &more);
    EXPECT_THAT(overflow, CompletesWith(STATUS_BUFFER_OVERFLOW));
    Call call;
    start_connect_ex(call, socket, local_address(listener), &most);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive(accept(listener), 65'535, WSK_FLAG_WAITALL).size(), 65'535u);
}

TEST_P(WskConnectEx, AClosedPortRefuses) {
    const Buffer first("first");
    Call call;
    start_connect_ex(call, make_bound(), nobody(), &first);
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_REFUSED));
}

TEST_P(WskConnectEx, CanBeCancelledDuringTheHandshake) {
    if (!has_silence()) {
        GTEST_SKIP() << "this gate answers before it asks";
    }
    const Buffer first("first");
    PWSK_SOCKET socket = make_bound();
    Call call;
    start_connect_ex(call, socket, silence(), &first);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

class BindingToConnect : public Connecting {};
OWSK_IN_EVERY_MODE(BindingToConnect);

TEST_P(BindingToConnect, B5_TheWildcardLeavesTheAddressToTheConnect) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound();
    const Endpoint bound = local_address(socket);
    EXPECT_EQ(bound.ip, "0.0.0.0");
    EXPECT_NE(bound.port, 0);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(local_address(socket), (Endpoint{"127.0.0.1", bound.port}));
}

TEST_P(BindingToConnect, B7_AnAddressThatIsInUseCannotBeBound) {
    PWSK_SOCKET first = make_bound(loopback);
    EXPECT_EQ(bind(make_unconnected(), local_address(first)), STATUS_ADDRESS_ALREADY_EXISTS);
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(bind(make_unconnected(), local_address(listener)), STATUS_ADDRESS_ALREADY_EXISTS);
    Call call;
    start_bind(call, make_socket(WSK_FLAG_LISTEN_SOCKET), local_address(first));
    EXPECT_THAT(call, CompletesWith(STATUS_ADDRESS_ALREADY_EXISTS));
}

TEST_P(BindingToConnect, B9_BothSharingItCanBeBoundTwice) {
    PWSK_SOCKET sockets[] = {make_unconnected(), make_unconnected()};
    Endpoint at = loopback;
    for (PWSK_SOCKET socket : sockets) {
        EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1), STATUS_SUCCESS);
        EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_REUSEADDR), 1u);
        EXPECT_EQ(bind(socket, at), STATUS_SUCCESS);
        at = local_address(socket);
    }
    EXPECT_EQ(local_address(sockets[0]), local_address(sockets[1]));
}

TEST_P(BindingToConnect, B7_AClosedSocketHasGivenItsAddressUp) {
    PWSK_SOCKET first = make_bound(loopback);
    const Endpoint at = local_address(first);
    EXPECT_EQ(close(first), STATUS_SUCCESS);
    EXPECT_EQ(bind(make_unconnected(), at), STATUS_SUCCESS);
}

TEST_P(BindingToConnect, B7_AConnectedSocketKeepsItsAddress) {
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket = make_bound(loopback);
    EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
    EXPECT_EQ(bind(make_unconnected(), local_address(socket)), STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_P(BindingToConnect, B16_AnotherFamilyFails) {
    EXPECT_EQ(bind(make_unconnected(), {"::1", 0}), STATUS_INVALID_PARAMETER);
}

TEST_P(BindingToConnect, B17_AnAddressThatIsNotOursFails) {
    EXPECT_EQ(bind(make_unconnected(), {"192.0.2.1", 0}), STATUS_INVALID_ADDRESS_COMPONENT);
}

TEST_P(BindingToConnect, B18_ASecondBindFails) {
    EXPECT_EQ(bind(make_bound(), wildcard), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(BindingToConnect, B18_AfterAFailureItCanBeTriedAgain) {
    PWSK_SOCKET socket = make_unconnected();
    EXPECT_EQ(bind(socket, {"192.0.2.1", 0}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
}

TEST_P(BindingToConnect, B19_BeforeTheConnectThereIsNoRemoteAddress) {
    SOCKADDR_STORAGE address = {};
    Call call;
    start_remote_address(call, make_bound(), address);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
}

class WskSocketConnect : public Connecting {};
OWSK_IN_EVERY_MODE(WskSocketConnect);

TEST_P(WskSocketConnect, SK10_GivesAConnectedSocket) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_socket_connect(call, wildcard, local_address(listener));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    PWSK_SOCKET socket = socket_of(call);
    ASSERT_NE(socket, nullptr);
    PWSK_SOCKET accepted = accept(listener);
    EXPECT_EQ(remote_address(socket), local_address(accepted));
    EXPECT_EQ(local_address(socket), remote_address(accepted));
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    EXPECT_EQ(send(accepted, "abc"), STATUS_SUCCESS);
    EXPECT_TRUE(log().wait_for_text(3));
}

TEST_P(WskSocketConnect, SK11_ToAClosedPortLeavesNoSocket) {
    Call call;
    start_socket_connect(call, wildcard, nobody());
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_REFUSED));
    EXPECT_EQ(call.information(), 0u);
    registration().release();
    registration().deregister();
}

TEST_P(WskSocketConnect, SK11_ACancelledOneLeavesNoSocket) {
    if (!has_silence()) {
        GTEST_SKIP() << "this gate answers before it asks";
    }
    {
        // Waits until the attempt is held, so that nothing is cancelled too early.
        Call call;
        start_socket_connect(call, wildcard, silence());
        EXPECT_TRUE(inspector().attempts.wait_for(1));
        EXPECT_THAT(call, Pends());
        EXPECT_TRUE(call.cancel());
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    }
    EXPECT_TRUE(inspector().aborts.wait_for(1));
}

TEST_P(WskSocketConnect, SK12_TheFamilyIsThatOfTheLocalAddress) {
    ListenerOptions options;
    options.at = {"::1", 0};
    const Endpoint there = local_address(make_listener(options));
    Call call;
    start_socket_connect(call, {"::", 0}, there);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_NE(socket_of(call), nullptr);
    Call mixed;
    start_socket_connect(mixed, wildcard, there);
    EXPECT_THAT(mixed, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskSocketConnect, SK13_AnAddressInUseFailsAsWithWskBind) {
    PWSK_SOCKET first = make_bound(loopback);
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_socket_connect(call, local_address(first), local_address(listener));
    EXPECT_THAT(call, CompletesWith(STATUS_ADDRESS_ALREADY_EXISTS));
    EXPECT_EQ(call.information(), 0u);
}

}  // namespace
}  // namespace owsk::conformance
