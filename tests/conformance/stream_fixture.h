// SPDX-License-Identifier: MIT
// StreamTest: a test with stream sockets, whose callbacks of both kinds come to log().
#pragma once

#include <string>
#include <string_view>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {

// The context of a stream socket, for the callbacks of both kinds.
class StreamLog {
  public:
    explicit StreamLog(WskTest& test) : test_(test) {}

    static const WSK_CLIENT_STREAM_DISPATCH dispatch;

    // Of WskAcceptEvent; the sockets have the table and the context of `accepted`. A socket that is
    // none says that the listener has failed.
    Log<PWSK_SOCKET> deliveries;
    ConnectionLog accepted;
    Log<std::string> data;
    Log<ULONG> disconnects;

  private:
    static const WSK_CLIENT_LISTEN_DISPATCH listen;
    static const WSK_CLIENT_CONNECTION_DISPATCH connection;

    static NTAPI NTSTATUS on_accept(PVOID context,
                                    ULONG,
                                    PSOCKADDR,
                                    PSOCKADDR,
                                    PWSK_SOCKET socket,
                                    PVOID* socket_context,
                                    const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch) {
        StreamLog& self = *static_cast<StreamLog*>(context);
        *socket_context = &self.accepted;
        *socket_dispatch = &ConnectionLog::dispatch;
        self.test_.adopt(socket);
        self.deliveries.add(socket);
        return STATUS_SUCCESS;
    }
    static NTAPI NTSTATUS
    on_receive(PVOID context, ULONG, PWSK_DATA_INDICATION list, SIZE_T, SIZE_T*) {
        std::string text;
        for (PWSK_DATA_INDICATION part = list; part != nullptr; part = part->Next) {
            text += text_of(part->Buffer);
        }
        static_cast<StreamLog*>(context)->data.add(text);
        return STATUS_SUCCESS;
    }
    static NTAPI NTSTATUS on_disconnect(PVOID context, ULONG flags) {
        static_cast<StreamLog*>(context)->disconnects.add(flags);
        return STATUS_SUCCESS;
    }

    WskTest& test_;
};

inline const WSK_CLIENT_LISTEN_DISPATCH StreamLog::listen = {on_accept, nullptr, nullptr};
inline const WSK_CLIENT_CONNECTION_DISPATCH StreamLog::connection = {
    on_receive, on_disconnect, nullptr};
inline const WSK_CLIENT_STREAM_DISPATCH StreamLog::dispatch = {&listen, &connection};

// The functions of their table, which has them in other places than those of other sockets.
class StreamTest : public WskTest {
  protected:
    inline static const Endpoint loopback = {"127.0.0.1", 0};
    static constexpr NTSTATUS refused = STATUS_INVALID_DEVICE_STATE;

    PWSK_SOCKET make_stream(ADDRESS_FAMILY family = AF_INET) {
        SocketOptions options;
        options.family = family;
        options.context = &log_;
        options.dispatch = &StreamLog::dispatch;
        return make_socket(WSK_FLAG_STREAM_SOCKET, options);
    }
    PWSK_SOCKET make_bound(const Endpoint& at = loopback) {
        PWSK_SOCKET socket = make_stream(at.is_v6() ? AF_INET6 : AF_INET);
        EXPECT_EQ(bind(socket, at), STATUS_SUCCESS);
        return socket;
    }
    // Bound with SO_REUSEADDR.
    PWSK_SOCKET make_sharing(const Endpoint& at) {
        PWSK_SOCKET socket = make_stream();
        EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1), STATUS_SUCCESS);
        EXPECT_EQ(bind(socket, at), STATUS_SUCCESS);
        return socket;
    }
    PWSK_SOCKET make_listening(const Endpoint& at = loopback, ULONG events = 0) {
        PWSK_SOCKET socket = make_bound(at);
        EXPECT_EQ(listen(socket), STATUS_SUCCESS);
        if (events != 0) {
            EXPECT_EQ(control_events(socket, events), STATUS_SUCCESS);
        }
        return socket;
    }
    // Connected to `listener`.
    PWSK_SOCKET make_connected(PWSK_SOCKET listener) {
        PWSK_SOCKET socket = make_bound();
        EXPECT_EQ(connect(socket, local_address(listener)), STATUS_SUCCESS);
        return socket;
    }

    NTSTATUS start_listen(Call& call, PWSK_SOCKET socket) {
        return call.returns(stream_functions(socket).WskListen(socket, call.irp()));
    }
    NTSTATUS listen(PWSK_SOCKET socket) {
        Call call;
        start_listen(call, socket);
        return call.wait();
    }
    NTSTATUS start_connect(Call& call, PWSK_SOCKET socket, const Endpoint& to) {
        SOCKADDR_STORAGE address = sockaddr_of(to);
        return call.returns(
            stream_functions(socket).WskConnect(socket, generic(address), 0, call.irp()));
    }
    NTSTATUS connect(PWSK_SOCKET socket, const Endpoint& to) {
        Call call;
        start_connect(call, socket, to);
        return call.wait();
    }
    NTSTATUS connect_ex(PWSK_SOCKET socket, const Endpoint& to, std::string_view first) {
        SOCKADDR_STORAGE address = sockaddr_of(to);
        const Buffer buffer(first);
        WSK_BUF wsk = buffer.wsk();
        Call call;
        call.returns(
            stream_functions(socket).WskConnectEx(socket, generic(address), &wsk, 0, call.irp()));
        return call.wait();
    }
    NTSTATUS start_stream_accept(Call& call, PWSK_SOCKET socket) {
        return call.returns(stream_functions(socket).WskAccept(
            socket, 0, nullptr, nullptr, nullptr, nullptr, call.irp()));
    }
    PWSK_SOCKET stream_accept(PWSK_SOCKET socket) {
        Call call;
        start_stream_accept(call, socket);
        return socket_of(call);
    }
    NTSTATUS stream_send(PWSK_SOCKET socket, std::string_view text, bool ex = false) {
        const Buffer buffer(text);
        WSK_BUF wsk = buffer.wsk();
        const WSK_PROVIDER_STREAM_DISPATCH& table = stream_functions(socket);
        Call call;
        call.returns(ex ? table.WskSendEx(socket, &wsk, 0, 0, nullptr, call.irp())
                        : table.WskSend(socket, &wsk, 0, call.irp()));
        return call.wait();
    }
    NTSTATUS start_stream_receive(Call& call, PWSK_SOCKET socket, const Buffer& buffer) {
        WSK_BUF wsk = buffer.wsk();
        return call.returns(stream_functions(socket).WskReceive(socket, &wsk, 0, call.irp()));
    }
    NTSTATUS stream_receive(PWSK_SOCKET socket, std::string& text, bool ex = false) {
        const Buffer buffer(text.size());
        WSK_BUF wsk = buffer.wsk();
        const WSK_PROVIDER_STREAM_DISPATCH& table = stream_functions(socket);
        Call call;
        call.returns(ex ? table.WskReceiveEx(socket, &wsk, 0, nullptr, nullptr, nullptr, call.irp())
                        : table.WskReceive(socket, &wsk, 0, call.irp()));
        const NTSTATUS status = call.wait();
        text = NT_SUCCESS(status) ? buffer.text(call.information()) : "";
        return status;
    }
    NTSTATUS stream_disconnect(PWSK_SOCKET socket, ULONG flags = 0) {
        Call call;
        call.returns(stream_functions(socket).WskDisconnect(socket, nullptr, flags, call.irp()));
        return call.wait();
    }
    NTSTATUS accept_status(PWSK_SOCKET socket) {
        Call call;
        start_stream_accept(call, socket);
        return call.wait();
    }
    NTSTATUS remote_status(PWSK_SOCKET socket) {
        SOCKADDR_STORAGE address = {};
        Call call;
        start_remote_address(call, socket, address);
        return call.wait();
    }
    void expect_no_listening_functions(PWSK_SOCKET socket) {
        EXPECT_EQ(accept_status(socket), refused);
        EXPECT_EQ(listen(socket), refused);
    }
    void expect_no_functions_of_a_connection(PWSK_SOCKET socket) {
        std::string text(4, ' ');
        EXPECT_EQ(stream_send(socket, "abc"), refused);
        EXPECT_EQ(stream_send(socket, "abc", true), refused);
        EXPECT_EQ(stream_receive(socket, text), refused);
        text = std::string(4, ' ');
        EXPECT_EQ(stream_receive(socket, text, true), refused);
        EXPECT_EQ(stream_disconnect(socket), refused);
        EXPECT_EQ(stream_disconnect(socket, WSK_FLAG_ABORTIVE), refused);
        EXPECT_EQ(remote_status(socket), refused);
        EXPECT_EQ(stream_functions(socket).WskRelease(socket, nullptr), STATUS_INVALID_PARAMETER);
    }
    // Where nobody listens.
    Endpoint nobody() { return {"127.0.0.1", transport().random_port()}; }
    StreamLog& log() { return log_; }

  private:
    StreamLog& log_ = keep<StreamLog>(*this);
};

}  // namespace owsk::conformance
