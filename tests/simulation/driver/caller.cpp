// SPDX-License-Identifier: MIT
// The calls of a socket that connects.
#include "simulation/driver/caller.h"

#include <utility>

#include "base/status_name.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

namespace {

// The buffer lives as long as the request.
Call::Then with(const BufferRef& buffer, Call::Then then) {
    return [buffer, then = std::move(then)](NTSTATUS status, ULONG_PTR information) {
        then(status, information);
    };
}

}  // namespace

Caller::Caller(Server& server) : DriverSocket(server) {}

Caller::~Caller() = default;

void Caller::open(std::uint16_t port) {
    port_ = port;
    NTSTATUS status = make(
        {.flags = WSK_FLAG_CONNECTION_SOCKET, .what = "caller from port " + std::to_string(port)});
    if (NT_SUCCESS(status)) {
        status = bind(functions().WskBind, port);
    }
    if (!NT_SUCCESS(status)) {
        run().fail("a socket to connect with could not be bound: " + status_name(status));
    }
}

CallRef Caller::connect(const std::string& ip, std::uint16_t port, Call::Then then) {
    SOCKADDR_IN to = sockaddr_of(ip, port);
    return call(
        "WskConnect",
        [&](PIRP irp) {
            return functions().WskConnect(api(), reinterpret_cast<PSOCKADDR>(&to), 0, irp);
        },
        std::move(then));
}

CallRef Caller::connect_with(const std::string& ip,
                             std::uint16_t port,
                             const BufferRef& first,
                             Call::Then then) {
    SOCKADDR_IN to = sockaddr_of(ip, port);
    WSK_BUF wsk = first->wsk();
    return call(
        "WskConnectEx",
        [&](PIRP irp) {
            return functions().WskConnectEx(api(), reinterpret_cast<PSOCKADDR>(&to), &wsk, 0, irp);
        },
        with(first, std::move(then)));
}

CallRef Caller::send(const BufferRef& buffer, Call::Then then) {
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskSend",
        [&](PIRP irp) { return functions().WskSend(api(), &wsk, 0, irp); },
        with(buffer, std::move(then)),
        true);
}

CallRef Caller::receive(const BufferRef& buffer, ULONG flags, Call::Then then) {
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskReceive",
        [&](PIRP irp) { return functions().WskReceive(api(), &wsk, flags, irp); },
        with(buffer, std::move(then)),
        true);
}

CallRef Caller::disconnect(Call::Then then) {
    return call(
        "WskDisconnect",
        [&](PIRP irp) { return functions().WskDisconnect(api(), nullptr, 0, irp); },
        std::move(then));
}

}  // namespace owsk::scenarios
