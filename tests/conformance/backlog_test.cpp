// SPDX-License-Identifier: MIT
// SIO_WSK_QUERY_RECEIVE_BACKLOG (CO12), SIO_WSK_QUERY_IDEAL_SEND_BACKLOG (CO13) and
// WskSendBacklogEvent; WskSendEx and WskReceiveEx.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

constexpr SIZE_T ideal_least = 64 * 1024;
constexpr SIZE_T ideal_most = 1024 * 1024 * 1024;

class WskBacklog : public ConnectionTest {
  protected:
    NTSTATUS start_query(Call& call, PWSK_SOCKET socket, ULONG code, SIZE_T size, PVOID output) {
        return call.returns(basic_functions(socket).WskControlSocket(
            socket, WskIoctl, code, 0, 0, nullptr, size, output, nullptr, call.irp()));
    }
    // The value; fails the test if there is none.
    SIZE_T query(PWSK_SOCKET socket, ULONG code) {
        SIZE_T value = 0;
        Call call;
        start_query(call, socket, code, sizeof value, &value);
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(call.information(), sizeof value);
        return value;
    }
    NTSTATUS refusal(PWSK_SOCKET socket, ULONG code) {
        SIZE_T value = 0;
        Call call;
        start_query(call, socket, code, sizeof value, &value);
        const NTSTATUS status = call.wait();
        EXPECT_EQ(call.information(), 0u);
        return status;
    }
    SIZE_T receive_backlog(PWSK_SOCKET socket) {
        return query(socket, SIO_WSK_QUERY_RECEIVE_BACKLOG);
    }
    SIZE_T ideal_send_backlog(PWSK_SOCKET socket) {
        return query(socket, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG);
    }

    static constexpr ULONG codes[] = {SIO_WSK_QUERY_RECEIVE_BACKLOG,
                                      SIO_WSK_QUERY_IDEAL_SEND_BACKLOG};
};
OWSK_IN_EVERY_MODE(WskBacklog);

TEST_P(WskBacklog, CO12_TheReceiveBacklogIsWhatWasNotReceivedYet) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_EQ(receive_backlog(socket), 0u);
    ASSERT_TRUE(peer.send("0123456789"));
    ASSERT_TRUE(peer.wait_until_arrived());
    EXPECT_EQ(receive_backlog(socket), 10u);
    EXPECT_EQ(receive(socket, 4, WSK_FLAG_WAITALL), "0123");
    EXPECT_EQ(receive_backlog(socket), 6u);
    EXPECT_EQ(receive(socket, 6, WSK_FLAG_WAITALL), "456789");
    EXPECT_EQ(receive_backlog(socket), 0u);
}

TEST_P(WskBacklog, CO12_WhatAnEventHasLeftIsInTheReceiveBacklog) {
    log().answer = [](const ConnectionLog::Data&, SIZE_T* accepted) {
        *accepted = 3;
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("0123456789"));
    ASSERT_TRUE(peer.wait_until_arrived());
    ASSERT_TRUE(log().data.wait_for(1));
    transport().settle();
    EXPECT_EQ(receive_backlog(socket), 7u);
}

TEST_P(WskBacklog, CO12_CO13_BothNeedAConnection) {
    PWSK_SOCKET unconnected = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET basic = make_socket(WSK_FLAG_BASIC_SOCKET);
    for (const ULONG code : codes) {
        EXPECT_EQ(refusal(unconnected, code), STATUS_INVALID_DEVICE_STATE);
        EXPECT_EQ(refusal(listener, code), STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(refusal(basic, code), STATUS_INVALID_DEVICE_REQUEST);
    }
}

TEST_P(WskBacklog, CO12_CO13_BothNeedAnIrpAndRoom) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    for (const ULONG code : codes) {
        SIZE_T value = 77;
        EXPECT_EQ(
            basic_functions(socket).WskControlSocket(
                socket, WskIoctl, code, 0, 0, nullptr, sizeof value, &value, nullptr, nullptr),
            STATUS_INVALID_PARAMETER);
        Call call;
        start_query(call, socket, code, sizeof value - 1, &value);
        EXPECT_THAT(call, CompletesWith(STATUS_BUFFER_TOO_SMALL));
        start_query(call, socket, code, sizeof value, nullptr);
        EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
        EXPECT_EQ(value, 77u);
    }
}

TEST_P(WskBacklog, CO12_CO13_ADeadConnectionHasNone) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_DISCONNECT);
    peer.reset();
    ASSERT_TRUE(log().disconnects.wait_for(1));
    for (const ULONG code : codes) {
        EXPECT_EQ(refusal(socket, code), STATUS_CONNECTION_RESET);
    }
}

TEST_P(WskBacklog, CO13_TheIdealSendBacklogIsASize) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_GE(ideal_send_backlog(socket), ideal_least);
    EXPECT_LE(ideal_send_backlog(socket), ideal_most);
}

class WskSendBacklogEvent : public WskBacklog {
  protected:
    PWSK_SOCKET connect_with_backlogs(TcpClient& peer, ULONG events) {
        // More than the least, as far as the path has room for it.
        peer.set_receive_buffer(1024 * 1024);
        AcceptOptions options;
        options.context = &backlogs_;
        options.dispatch = &dispatch;
        PWSK_SOCKET socket = make_connection(peer, options);
        if (events != 0) {
            EXPECT_EQ(control_events(socket, events), STATUS_SUCCESS);
        }
        return socket;
    }
    // As much as says something about the path; the peer reads it.
    void send_much(PWSK_SOCKET socket, TcpClient& peer) {
        const std::string part(32 * 1024, 'x');
        for (int i = 0; i < 8; ++i) {
            EXPECT_EQ(send(socket, part), STATUS_SUCCESS);
            EXPECT_EQ(peer.receive(part.size()).size(), part.size());
        }
    }
    Log<SIZE_T>& backlogs() { return backlogs_; }

    static NTAPI NTSTATUS on_backlog(PVOID context, SIZE_T ideal) {
        static_cast<Log<SIZE_T>*>(context)->add(ideal);
        return STATUS_SUCCESS;
    }
    // Its context is backlogs().
    static constexpr WSK_CLIENT_CONNECTION_DISPATCH dispatch = {nullptr, nullptr, on_backlog};

  private:
    Log<SIZE_T>& backlogs_ = keep<Log<SIZE_T>>();
};
OWSK_IN_EVERY_MODE(WskSendBacklogEvent);

TEST_P(WskSendBacklogEvent, TellsAChangeWorthToBeTold) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_with_backlogs(peer, WSK_EVENT_SEND_BACKLOG);
    send_much(socket, peer);
    ASSERT_TRUE(backlogs().wait_for(1));
    close(socket);
    SIZE_T known = ideal_least;
    for (const SIZE_T ideal : backlogs().all()) {
        EXPECT_GE(ideal, ideal_least);
        EXPECT_GE(ideal > known ? ideal - known : known - ideal, known / 4);
        known = ideal;
    }
}

TEST_P(WskSendBacklogEvent, IsNotCalledWhenNotEnabled) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_with_backlogs(peer, 0);
    send_much(socket, peer);
    EXPECT_THAT(backlogs(), StaysAt(0));
}

TEST_P(WskSendBacklogEvent, IsNotCalledBeforeMuchWasSent) {
    TcpClient peer;
    PWSK_SOCKET socket = connect_with_backlogs(peer, WSK_EVENT_SEND_BACKLOG);
    EXPECT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
    EXPECT_THAT(backlogs(), StaysAt(0));
}

TEST_P(WskSendBacklogEvent, IsInheritedFromTheListener) {
    auto& accepts = keep<AcceptEvents>(*this);
    accepts.answer = [this](const AcceptEvents::Event&,
                            PVOID* context,
                            const WSK_CLIENT_CONNECTION_DISPATCH** table) {
        *context = &backlogs();
        *table = &dispatch;
        return STATUS_SUCCESS;
    };
    ListenerOptions options;
    options.context = &accepts;
    options.dispatch = &AcceptEvents::dispatch;
    options.events = WSK_EVENT_ACCEPT | WSK_EVENT_SEND_BACKLOG;
    PWSK_SOCKET listener = make_listener(options);
    TcpClient peer;
    peer.set_receive_buffer(1024 * 1024);
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(accepts.log.wait_for(1));
    send_much(accepts.log.at(0).socket, peer);
    EXPECT_TRUE(backlogs().wait_for(1));
}

class WskSendExAndWskReceiveEx : public ConnectionTest {};
OWSK_IN_EVERY_MODE(WskSendExAndWskReceiveEx);

TEST_P(WskSendExAndWskReceiveEx, WorkAsWskSendAndWskReceive) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer out("hello");
    WSK_BUF buffer = out.wsk();
    Call call;
    call.returns(
        connection_functions(socket).WskSendEx(socket, &buffer, 0, 0, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 5u);
    EXPECT_EQ(peer.receive(5), "hello");

    ASSERT_TRUE(peer.send("world"));
    const Buffer in(5);
    buffer = in.wsk();
    ULONG length = 64;
    call.returns(connection_functions(socket).WskReceiveEx(
        socket, &buffer, WSK_FLAG_WAITALL, &length, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 5u);
    EXPECT_EQ(in.text(5), "world");
    EXPECT_EQ(length, 0u);
}

TEST_P(WskSendExAndWskReceiveEx, NeedAnIrp) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer some("hello");
    WSK_BUF buffer = some.wsk();
    EXPECT_EQ(connection_functions(socket).WskSendEx(socket, &buffer, 0, 0, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(connection_functions(socket).WskReceiveEx(
                  socket, &buffer, 0, nullptr, nullptr, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::conformance
