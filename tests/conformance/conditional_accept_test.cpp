// SPDX-License-Identifier: MIT
// Conditional accept: the option, the verdicts, and attempts that go away.
#include <set>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class ConditionalAccept : public ConditionalTest {
  protected:
    PWSK_SOCKET make_unbound() {
        SocketOptions options;
        options.context = &inspector();
        options.dispatch = &Inspector::dispatch;
        return make_socket(WSK_FLAG_LISTEN_SOCKET, options);
    }
};
OWSK_IN_EVERY_MODE(ConditionalAccept);

TEST_P(ConditionalAccept, CA1_IsOffAtFirstAndReadsAsItWasSet) {
    PWSK_SOCKET listener = make_unbound();
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 0u);
    EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 1u);
    EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0), STATUS_SUCCESS);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 0u);
}

TEST_P(ConditionalAccept, CA2_CannotBeSetAfterBind) {
    PWSK_SOCKET listener = make_unbound();
    EXPECT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1),
              STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 0u);
}

TEST_P(ConditionalAccept, CA2_NeedsTheCallbacks) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), STATUS_INVALID_PARAMETER);
}

TEST_P(ConditionalAccept, CA3_CannotBeSetOnOtherCategories) {
    PWSK_SOCKET connection = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    EXPECT_FALSE(NT_SUCCESS(set_option(connection, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1)));
    PWSK_SOCKET basic = make_socket(WSK_FLAG_BASIC_SOCKET);
    EXPECT_FALSE(NT_SUCCESS(set_option(basic, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1)));
    SocketOptions udp;
    udp.type = SOCK_DGRAM;
    udp.protocol = IPPROTO_UDP;
    PWSK_SOCKET datagram = make_socket(WSK_FLAG_DATAGRAM_SOCKET, udp);
    EXPECT_FALSE(NT_SUCCESS(set_option(datagram, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1)));
}

TEST_P(ConditionalAccept, CA4_CannotBeSetWithoutAnIrp) {
    PWSK_SOCKET listener = make_unbound();
    ULONG on = 1;
    EXPECT_EQ(basic_functions(listener).WskControlSocket(listener,
                                                         WskSetOption,
                                                         SO_CONDITIONAL_ACCEPT,
                                                         SOL_SOCKET,
                                                         sizeof on,
                                                         &on,
                                                         0,
                                                         nullptr,
                                                         nullptr,
                                                         nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 0u);
}

TEST_P(ConditionalAccept, CA33_LastsAsLongAsTheSocket) {
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient first = ask(listener, 0);
    ASSERT_TRUE(inspector().deliveries.wait_for(1));
    // STATUS_EVENT_PENDING while the delivery is still returning.
    EXPECT_TRUE(NT_SUCCESS(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE)));
    EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0),
              STATUS_INVALID_DEVICE_STATE);
    TcpClient second = ask(listener, 1);
    EXPECT_NE(accept(listener), nullptr);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 1u);
}

class WskInspectEvent : public ConditionalTest {
  protected:
    // Rejects attempts for as long as it is set.
    std::atomic<bool> rejecting_ = false;
    void reject_while_set() {
        inspector().verdict = [this](const Inspector::Attempt&) {
            return rejecting_ ? WskInspectReject : WskInspectAccept;
        };
    }
};
OWSK_IN_EVERY_MODE(WskInspectEvent);

TEST_P(WskInspectEvent, CA5_IsNotCalledWithoutTheMode) {
    ListenerOptions options;
    options.context = &inspector();
    options.dispatch = &Inspector::dispatch;
    PWSK_SOCKET listener = make_listener(options);
    TcpClient client;
    ASSERT_TRUE(client.connect(local_address(listener)));
    EXPECT_NE(accept(listener), nullptr);
    close(listener);
    EXPECT_THAT(inspector().attempts, StaysAt(0));
}

TEST_P(WskInspectEvent, CA6_IsCalledOnceBeforeTheConnectionIsAccepted) {
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    TcpClient client = ask(listener);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    PWSK_SOCKET socket = socket_of(call);
    EXPECT_LT(inspector().attempts.at(0).sequence, call.sequence());
    // All that belongs to the connection happens before its data can be read.
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(receive(socket, 1), "x");
    EXPECT_THAT(inspector().attempts, StaysAt(1));
}

TEST_P(WskInspectEvent, CA7_AcceptedAttemptCompletesAPendingAccept) {
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    EXPECT_THAT(call, Pends());
    TcpClient client = ask(listener);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(call)), client.local());
    EXPECT_TRUE(client.finish_connect());
}

TEST_P(WskInspectEvent, CA8_AcceptedAttemptGoesToAcceptEventWithoutAPendingAccept) {
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    ASSERT_TRUE(inspector().deliveries.wait_for(1));
    EXPECT_EQ(inspector().deliveries.at(0).remote, client.local());
    EXPECT_LT(inspector().attempts.at(0).sequence, inspector().deliveries.at(0).sequence);
}

TEST_P(WskInspectEvent, AcceptedAttemptWaitsIfNobodyAccepts) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    EXPECT_TRUE(client.finish_connect());
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(remote_address(socket), client.local());
}

TEST_P(WskInspectEvent, CA9_RejectedAttemptIsNeverDelivered) {
    reject_while_set();
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    rejecting_ = true;
    TcpClient rejected = ask(listener, 0);
    EXPECT_TRUE(!rejected.finish_connect() || rejected.saw_reset());
    rejecting_ = false;
    // The accept is still there for the next one.
    TcpClient client = ask(listener, 1);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(call)), client.local());
}

TEST_P(WskInspectEvent, CA9_AnUnknownAnswerRejects) {
    inspector().verdict = [](const Inspector::Attempt&) { return WskInspectMax; };
    PWSK_SOCKET listener = make_conditional();
    TcpClient rejected = ask(listener);
    EXPECT_TRUE(!rejected.finish_connect() || rejected.saw_reset());
}

TEST_P(WskInspectEvent, CA10_RejectedAttemptHasNoAbortEvent) {
    inspector().verdict = [](const Inspector::Attempt&) { return WskInspectReject; };
    PWSK_SOCKET listener = make_conditional();
    TcpClient rejected = ask(listener);
    EXPECT_TRUE(!rejected.finish_connect() || rejected.saw_reset());
    close(listener);
    EXPECT_THAT(inspector().aborts, StaysAt(0));
}

TEST_P(WskInspectEvent, CA11_PendedAttemptIsNotDelivered) {
    // The first attempt is pended, those after it are accepted.
    std::atomic<unsigned> asked = 0;
    inspector().verdict = [&](const Inspector::Attempt&) {
        return asked++ == 0 ? WskInspectPend : WskInspectAccept;
    };
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    TcpClient held = ask(listener, 0);
    // A later attempt overtakes the held one, so that one was not delivered.
    TcpClient client = ask(listener, 1);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(call)), client.local());
    close(listener);
}

TEST_P(WskInspectEvent, CA21_ConcurrentAttemptsHaveDifferentIds) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    std::vector<TcpClient> clients;
    std::set<std::pair<ULONG_PTR, ULONG>> ids;
    for (std::size_t i = 0; i < 8; ++i) {
        clients.push_back(ask(listener, i));
    }
    for (const Inspector::Attempt& seen : inspector().attempts.all()) {
        ids.emplace(seen.id.Key, seen.id.SerialNumber);
    }
    EXPECT_EQ(ids.size(), 8u);
    close(listener);
}

TEST_P(WskInspectEvent, CA21_AttemptsFromOneAddressInSequenceHaveDifferentIds) {
    PWSK_SOCKET listener = make_conditional();
    // bind(2) gives it a port that another can bind afterwards; one of connect(2) may be in
    // TIME-WAIT towards somebody else.
    TcpClient first;
    ASSERT_TRUE(first.connect(local_address(listener), {"127.0.0.1", 0}));
    const Endpoint from = first.local();
    accept(listener);
    first.reset();
    TcpClient second;
    ASSERT_TRUE(second.start_connect(local_address(listener), from));
    ASSERT_TRUE(inspector().attempts.wait_for(2));
    EXPECT_EQ(inspector().attempts.at(1).remote, from);
    EXPECT_FALSE(same(inspector().attempts.at(0).id, inspector().attempts.at(1).id));
}

TEST_P(WskInspectEvent, CA22_ShowsTheAddressesOfTheLaterSocket) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(inspector().attempts.at(0).local, local_address(socket));
    EXPECT_EQ(inspector().attempts.at(0).remote, remote_address(socket));
    EXPECT_EQ(inspector().attempts.at(0).remote, client.local());
}

TEST_P(WskInspectEvent, CA23_StaysOnWhenEventsAreDisabled) {
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE), STATUS_SUCCESS);
    TcpClient client = ask(listener);
    EXPECT_NE(accept(listener), nullptr);
    EXPECT_THAT(inspector().attempts, StaysAt(1));
    EXPECT_THAT(inspector().deliveries, StaysAt(0));
}

TEST_P(WskInspectEvent, CA24_NeedsNoEnabling) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    EXPECT_THAT(inspector().attempts, StaysAt(1));
    client.reset();
    EXPECT_TRUE(inspector().aborts.wait_for(1));
}

class WskAbortEvent : public ConditionalTest {};
OWSK_IN_EVERY_MODE(WskAbortEvent);

TEST_P(WskAbortEvent, CA16_NamesAPendedAttemptWhoseClientResets) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    client.reset();
    ASSERT_TRUE(inspector().aborts.wait_for(1));
    EXPECT_TRUE(same(inspector().aborts.at(0), inspector().attempts.at(0).id));
}

TEST_P(WskAbortEvent, CA16_NamesAPendedAttemptWhoseClientCloses) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    if (!asks_before_handshake()) {
        ASSERT_TRUE(client.finish_connect());
    }
    client.close();
    ASSERT_TRUE(inspector().aborts.wait_for(1));
    EXPECT_TRUE(same(inspector().aborts.at(0), inspector().attempts.at(0).id));
}

TEST_P(WskAbortEvent, CA17_AcceptAfterwardsEstablishesNothing) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    TcpClient client = ask(listener, 0);
    client.reset();
    ASSERT_TRUE(inspector().aborts.wait_for(1));
    EXPECT_EQ(verdict(listener, inspector().attempts.at(0).id, WskInspectAccept), STATUS_NOT_FOUND);
    TcpClient next = ask(listener, 1);
    EXPECT_EQ(verdict(listener, inspector().attempts.at(1).id, WskInspectAccept), STATUS_SUCCESS);
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(call)), next.local());
}

TEST_P(WskAbortEvent, CA18_IsCalledIfTheClientResetsBeforeTheAcceptedAttemptIsEstablished) {
    Gate connected;
    TcpClient client;
    inspector().verdict = [&](const Inspector::Attempt&) {
        EXPECT_TRUE(connected.wait());
        client.reset();
        return WskInspectAccept;
    };
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_accept(call, listener);
    ASSERT_TRUE(client.start_connect(local_address(listener)));
    connected.open();
    ASSERT_TRUE(inspector().aborts.wait_for(1));
    EXPECT_TRUE(same(inspector().aborts.at(0), inspector().attempts.at(0).id));
    EXPECT_THAT(call, Pends());
    close(listener);
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(WskAbortEvent, CA19_IsNotCalledAfterDelivery) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    PWSK_SOCKET socket = accept(listener);
    Call call;
    const Buffer buffer(16);
    start_receive(call, socket, buffer);
    client.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_CONNECTION_RESET));
    close(listener);
    EXPECT_THAT(inspector().aborts, StaysAt(0));
}

TEST_P(WskAbortEvent, IsNotCalledForAnInspectedConnectionThatAcceptEventRefuses) {
    inspector().answer = [](PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    };
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    ASSERT_TRUE(inspector().deliveries.wait_for(1));
    EXPECT_TRUE(client.saw_reset());
    close(listener);
    EXPECT_THAT(inspector().aborts, StaysAt(0));
}

TEST_P(WskAbortEvent, CA20_IsCalledOnceForEachIdThatWasInspected) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    std::vector<TcpClient> clients;
    std::set<std::pair<ULONG_PTR, ULONG>> inspected;
    std::set<std::pair<ULONG_PTR, ULONG>> aborted;
    for (std::size_t i = 0; i < 8; ++i) {
        clients.push_back(ask(listener, i));
    }
    for (TcpClient& client : clients) {
        client.reset();
    }
    ASSERT_TRUE(inspector().aborts.wait_for(8));
    for (const Inspector::Attempt& seen : inspector().attempts.all()) {
        EXPECT_EQ(verdict(listener, seen.id, WskInspectReject), STATUS_NOT_FOUND);
        inspected.emplace(seen.id.Key, seen.id.SerialNumber);
    }
    close(listener);
    for (const WSK_INSPECT_ID& id : inspector().aborts.all()) {
        aborted.emplace(id.Key, id.SerialNumber);
    }
    EXPECT_THAT(inspector().aborts, StaysAt(8));
    EXPECT_EQ(aborted, inspected);
}

}  // namespace
}  // namespace owsk::conformance
