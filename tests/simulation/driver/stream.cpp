// SPDX-License-Identifier: MIT
// The calls of a stream socket.
#include "simulation/driver/stream.h"

#include <memory>

#include "base/status_name.h"
#include "simulation/driver/caller.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

namespace {

// The buffer lives as long as the request.
Call::Then keep(const BufferRef& buffer) {
    return [buffer](NTSTATUS, ULONG_PTR) {};
}

}  // namespace

Stream::Stream(Server& server) : DriverSocket(server) {}

Stream::~Stream() = default;

void Stream::open(std::uint16_t port) {
    port_ = port;
    NTSTATUS status =
        make({.flags = WSK_FLAG_STREAM_SOCKET, .what = "stream on port " + std::to_string(port)});
    if (NT_SUCCESS(status)) {
        status = bind(functions().WskBind, port);
    }
    if (!NT_SUCCESS(status)) {
        run().fail("a stream socket could not be bound: " + status_name(status));
    }
}

CallRef Stream::listen() {
    return call("WskListen", [&](PIRP irp) { return functions().WskListen(api(), irp); });
}

CallRef Stream::connect(const std::string& ip, std::uint16_t port) {
    SOCKADDR_IN to = sockaddr_of(ip, port);
    return call("WskConnect", [&](PIRP irp) {
        return functions().WskConnect(api(), reinterpret_cast<PSOCKADDR>(&to), 0, irp);
    });
}

CallRef Stream::send(const BufferRef& buffer) {
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskSend",
        [&](PIRP irp) { return functions().WskSend(api(), &wsk, 0, irp); },
        keep(buffer),
        true);
}

CallRef Stream::receive(const BufferRef& buffer, ULONG flags) {
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskReceive",
        [&](PIRP irp) { return functions().WskReceive(api(), &wsk, flags, irp); },
        keep(buffer),
        true);
}

CallRef Stream::disconnect() {
    return call("WskDisconnect",
                [&](PIRP irp) { return functions().WskDisconnect(api(), nullptr, 0, irp); });
}

void Stream::keep_accepting(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        auto remote = std::make_shared<SOCKADDR_STORAGE>();
        Connection* const connection = &server().keep<Connection>(server());
        call(
            "WskAccept",
            [&](PIRP irp) {
                return functions().WskAccept(api(),
                                             0,
                                             connection,
                                             &Connection::dispatch,
                                             nullptr,
                                             reinterpret_cast<PSOCKADDR>(remote.get()),
                                             irp);
            },
            [this, remote, connection](NTSTATUS status, ULONG_PTR information) {
                if (NT_SUCCESS(status)) {
                    connection->adopt(reinterpret_cast<PWSK_SOCKET>(information),
                                      reinterpret_cast<SOCKADDR*>(remote.get()));
                    connections_.push_back(connection);
                    connection->echo();
                    keep_accepting(1);
                }
            },
            true);
    }
}

void Stream::close_connections() {
    // By index: more may come meanwhile.
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i]->close();
    }
}

void Stream::wait_connections_closed() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i]->wait_closed();
    }
}

}  // namespace owsk::scenarios
