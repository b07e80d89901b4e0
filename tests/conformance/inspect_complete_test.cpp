// SPDX-License-Identifier: MIT
// Late verdicts by WskInspectComplete, and the identifier of an accepted socket.
#include <atomic>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskInspectComplete : public ConditionalTest {};
OWSK_IN_EVERY_MODE(WskInspectComplete);

TEST_P(WskInspectComplete, CA12_AcceptDeliversThePendedAttempt) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    Call accepted;
    start_accept(accepted, listener);
    TcpClient client = ask(listener);
    EXPECT_THAT(accepted, Pends());
    Call call;
    start_verdict(call, listener, inspector().attempts.at(0).id, WskInspectAccept);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    ASSERT_THAT(accepted, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(accepted)), client.local());
    EXPECT_TRUE(client.finish_connect());
}

TEST_P(WskInspectComplete, CA13_RejectDropsThePendedAttempt) {
    pend_all();
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    EXPECT_EQ(verdict(listener, inspector().attempts.at(0).id, WskInspectReject), STATUS_SUCCESS);
    EXPECT_TRUE(!client.finish_connect() || client.saw_reset());
    close(listener);
    EXPECT_THAT(inspector().deliveries, StaysAt(0));
    EXPECT_THAT(inspector().aborts, StaysAt(0));
}

TEST_P(WskInspectComplete, CA14_TakesACopyOfTheIdInOtherMemory) {
    pend_all();
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    auto copy = std::make_unique<WSK_INSPECT_ID>(inspector().attempts.at(0).id);
    Call call;
    call.returns(listen_functions(listener).WskInspectComplete(
        listener, copy.get(), WskInspectAccept, call.irp()));
    copy.reset();
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(inspector().deliveries.wait_for(1));
}

TEST_P(WskInspectComplete, CA15_ActsOnTheRightOneOfSeveral) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    std::vector<TcpClient> clients;
    for (std::size_t i = 0; i < 3; ++i) {
        clients.push_back(ask(listener, i));
    }
    const std::vector<Inspector::Attempt> attempts = inspector().attempts.all();
    EXPECT_EQ(verdict(listener, attempts[2].id, WskInspectAccept), STATUS_SUCCESS);
    EXPECT_EQ(remote_address(accept(listener)), clients[2].local());
    EXPECT_EQ(verdict(listener, attempts[0].id, WskInspectReject), STATUS_SUCCESS);
    EXPECT_TRUE(!clients[0].finish_connect() || clients[0].saw_reset());
    EXPECT_EQ(verdict(listener, attempts[1].id, WskInspectAccept), STATUS_SUCCESS);
    EXPECT_EQ(remote_address(accept(listener)), clients[1].local());
}

TEST_P(WskInspectComplete, CA29_ClosingTheListenerDropsPendedAttempts) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient first = ask(listener, 0);
    TcpClient second = ask(listener, 1);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_TRUE(!first.finish_connect() || first.saw_reset());
    EXPECT_TRUE(!second.finish_connect() || second.saw_reset());
}

TEST_P(WskInspectComplete, CA29_ClosingTheListenerDropsEstablishedAttempts) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    ASSERT_TRUE(client.finish_connect());
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_TRUE(client.saw_reset());
}

TEST_P(WskInspectComplete, CA31_PendIsNoVerdict) {
    pend_all();
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    const WSK_INSPECT_ID id = inspector().attempts.at(0).id;
    EXPECT_EQ(verdict(listener, id, WskInspectPend), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(verdict(listener, id, WskInspectMax), STATUS_INVALID_PARAMETER);
    // The attempt is still held.
    EXPECT_EQ(verdict(listener, id, WskInspectAccept), STATUS_SUCCESS);
    EXPECT_TRUE(inspector().deliveries.wait_for(1));
}

TEST_P(WskInspectComplete, CA31_UnknownIdIsNotFound) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    EXPECT_EQ(verdict(listener, {}, WskInspectAccept), STATUS_NOT_FOUND);
    TcpClient client = ask(listener);
    WSK_INSPECT_ID id = inspector().attempts.at(0).id;
    ++id.SerialNumber;
    EXPECT_EQ(verdict(listener, id, WskInspectAccept), STATUS_NOT_FOUND);
    close(listener);
}

TEST_P(WskInspectComplete, CA31_SecondTimeIsNotFound) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    const WSK_INSPECT_ID id = inspector().attempts.at(0).id;
    EXPECT_EQ(verdict(listener, id, WskInspectAccept), STATUS_SUCCESS);
    EXPECT_EQ(verdict(listener, id, WskInspectReject), STATUS_NOT_FOUND);
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(verdict(listener, id, WskInspectReject), STATUS_NOT_FOUND);
    // The second verdict did no harm.
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(receive(socket, 1), "x");
}

TEST_P(WskInspectComplete, CA31_NeedsAListenerInTheMode) {
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(verdict(listener, {}, WskInspectAccept), STATUS_INVALID_DEVICE_REQUEST);
}

TEST_P(WskInspectComplete, CA31_NeedsAnIrp) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    WSK_INSPECT_ID id = inspector().attempts.at(0).id;
    EXPECT_EQ(
        listen_functions(listener).WskInspectComplete(listener, &id, WskInspectAccept, nullptr),
        STATUS_INVALID_PARAMETER);
    EXPECT_EQ(verdict(listener, id, WskInspectReject), STATUS_SUCCESS);
}

TEST_P(WskInspectComplete, CA32_WorksFromInsideTheInspectionOfAnotherAttempt) {
    Call call;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    inspector().verdict = [&](const Inspector::Attempt&) {
        if (inspector().attempts.size() == 1) {
            return WskInspectPend;
        }
        start_verdict(call, listener, inspector().attempts.at(0).id, WskInspectAccept);
        return WskInspectAccept;
    };
    listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient first = ask(listener, 0);
    TcpClient second = ask(listener, 1);
    EXPECT_TRUE(inspector().deliveries.wait_for(2));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskInspectComplete, WorksBeforeTheAttemptsOwnCallbackHasReturnedPend) {
    Call call;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    inspector().verdict = [&](const Inspector::Attempt& seen) {
        start_verdict(call, listener, seen.id, WskInspectAccept);
        return WskInspectPend;
    };
    listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    EXPECT_TRUE(inspector().deliveries.wait_for(1));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

class QueryInspectId : public ConditionalTest {
  protected:
    NTSTATUS query(PWSK_SOCKET socket) {
        returned_ = 0;
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskIoctl,
                                                        SIO_WSK_QUERY_INSPECT_ID,
                                                        0,
                                                        0,
                                                        nullptr,
                                                        sizeof id_,
                                                        &id_,
                                                        &returned_,
                                                        nullptr);
    }

    WSK_INSPECT_ID id_ = {};
    SIZE_T returned_ = 0;
};
OWSK_IN_EVERY_MODE(QueryInspectId);

TEST_P(QueryInspectId, CA25_NamesTheInspectionOfASocketFromWskAccept) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(query(socket), STATUS_SUCCESS);
    EXPECT_EQ(returned_, 16u);
    EXPECT_TRUE(same(id_, inspector().attempts.at(0).id));
}

TEST_P(QueryInspectId, CA26_NamesTheInspectionOfASocketFromWskAcceptEvent) {
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    TcpClient client = ask(listener);
    ASSERT_TRUE(inspector().deliveries.wait_for(1));
    EXPECT_EQ(query(inspector().deliveries.at(0).socket), STATUS_SUCCESS);
    EXPECT_EQ(returned_, 16u);
    EXPECT_TRUE(same(id_, inspector().attempts.at(0).id));
}

TEST_P(QueryInspectId, CA27_IsAnInvalidRequestForAllOtherSockets) {
    EXPECT_EQ(query(make_conditional()), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_listener()), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_socket(WSK_FLAG_CONNECTION_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_socket(WSK_FLAG_BASIC_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
    SocketOptions udp;
    udp.type = SOCK_DGRAM;
    udp.protocol = IPPROTO_UDP;
    EXPECT_EQ(query(make_socket(WSK_FLAG_DATAGRAM_SOCKET, udp)), STATUS_INVALID_DEVICE_REQUEST);
    TcpClient client;
    EXPECT_EQ(query(make_connection(client)), STATUS_INVALID_DEVICE_REQUEST);
}

}  // namespace
}  // namespace owsk::conformance
