// SPDX-License-Identifier: MIT
// Callbacks, requests and an echo.
#include "simulation/driver/connection.h"

#include <cstring>
#include <string>
#include <utility>

#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

const WSK_CLIENT_CONNECTION_DISPATCH Connection::dispatch = {
    receive_event, disconnect_event, nullptr};

std::uint16_t port_of(const SOCKADDR* address) {
    // The port is at the same place in both.
    SOCKADDR_IN in = {};
    std::memcpy(&in, address, sizeof in);
    return RtlUshortByteSwap(in.sin_port);
}

Connection::Connection(Server& server) : DriverSocket(server) {}

Connection::~Connection() = default;

void Connection::adopt(PWSK_SOCKET socket, const SOCKADDR* remote) {
    remote_port_ = port_of(remote);
    open(socket, "connection of port " + std::to_string(remote_port_));
}

void Connection::on_closed() {
    if (has_ended_) {
        run().streams.finished(stream(), "server");
    }
    if (after_close) {
        after_close(*this);
    }
}

NTSTATUS Connection::receive_event(
    PVOID context, ULONG flags, PWSK_DATA_INDICATION data, SIZE_T bytes, SIZE_T* accepted) {
    auto& self = *static_cast<Connection*>(context);
    const Callback callback(self, "WskReceiveEvent", WSK_EVENT_RECEIVE);
    self.by_events_ = true;
    return self.on_receive && data != nullptr ? self.on_receive(self, flags, data, bytes, accepted)
                                              : STATUS_SUCCESS;
}

NTSTATUS Connection::disconnect_event(PVOID context, ULONG flags) {
    auto& self = *static_cast<Connection*>(context);
    const Callback callback(self, "WskDisconnectEvent", WSK_EVENT_DISCONNECT);
    if (self.on_disconnect) {
        self.on_disconnect(self, flags);
    }
    return STATUS_SUCCESS;
}

CallRef Connection::receive(const BufferRef& buffer, ULONG flags, Call::Then then) {
    WSK_BUF wsk = buffer != nullptr ? buffer->wsk() : WSK_BUF{};
    // One without room takes nothing, and waits for nobody.
    const bool in_order = wsk.Length != 0;
    by_requests_ = by_requests_ || in_order;
    return call(
        "WskReceive",
        [&](PIRP irp) { return functions().WskReceive(api(), &wsk, flags, irp); },
        [buffer, then = std::move(then)](NTSTATUS status, ULONG_PTR count) {
            if (then) {
                then(status, count);
            }
        },
        in_order);
}

CallRef Connection::send(const BufferRef& buffer, Call::Then then, ULONG flags) {
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskSend",
        [&](PIRP irp) { return functions().WskSend(api(), &wsk, flags, irp); },
        [buffer, then = std::move(then)](NTSTATUS status, ULONG_PTR count) {
            if (then) {
                then(status, count);
            }
        },
        true);
}

CallRef Connection::disconnect(ULONG flags, const BufferRef& last, Call::Then then) {
    WSK_BUF wsk = last != nullptr ? last->wsk() : WSK_BUF{};
    return call(
        "WskDisconnect",
        [&](PIRP irp) {
            return functions().WskDisconnect(api(), last != nullptr ? &wsk : nullptr, flags, irp);
        },
        [last, then = std::move(then)](NTSTATUS status, ULONG_PTR count) {
            if (then) {
                then(status, count);
            }
        });
}

NTSTATUS Connection::release(PWSK_DATA_INDICATION indication) {
    if (!begin_use()) {
        return STATUS_CANCELLED;
    }
    const NTSTATUS status = functions().WskRelease(api(), indication);
    end_use();
    return status;
}

bool Connection::query_inspect_id(WSK_INSPECT_ID& id) {
    if (!begin_use()) {
        return false;
    }
    SIZE_T written = 0;
    const NTSTATUS status = functions().Basic.WskControlSocket(api(),
                                                               WskIoctl,
                                                               SIO_WSK_QUERY_INSPECT_ID,
                                                               0,
                                                               0,
                                                               nullptr,
                                                               sizeof id,
                                                               &id,
                                                               &written,
                                                               nullptr);
    end_use();
    return status == STATUS_SUCCESS;
}

void Connection::take(std::string_view data) {
    if (is_in_order()) {
        run().streams.received(stream(), "server", data);
    } else {
        run().streams.received_in_any_order(stream(), "server", data.size());
    }
    received_ += data.size();
    run().note(server().name(), [&] {
        return "has " + std::to_string(received_) + " bytes of port " +
               std::to_string(remote_port_);
    });
}

bool Connection::is_in_order() const {
    return server().roles_are_serial() || !by_requests_ || !by_events_;
}

void Connection::note_end_of_stream() {
    if (is_in_order()) {
        run().streams.finished(stream(), "server");
    } else {
        has_ended_ = true;
    }
}

void Connection::echo(SIZE_T piece) {
    const auto buffer = std::make_shared<Buffer>(piece);
    receive(buffer, 0, [this, buffer](NTSTATUS status, ULONG_PTR count) {
        echo_received(buffer, status, count);
    });
}

void Connection::echo_received(const BufferRef& buffer, NTSTATUS status, ULONG_PTR count) {
    if (!NT_SUCCESS(status)) {
        close();
        return;
    }
    if (count == 0) {
        note_end_of_stream();
        say_goodbye();
        return;
    }
    const std::string data = buffer->text(count);
    take(data);
    const SIZE_T piece = buffer->wsk().Length;
    send(std::make_shared<Buffer>(data), [this, piece](NTSTATUS sent, ULONG_PTR) {
        if (NT_SUCCESS(sent)) {
            echo(piece);
        } else {
            close();
        }
    });
}

void Connection::echo_by_events() {
    on_receive = [](Connection& self, ULONG, PWSK_DATA_INDICATION list, SIZE_T, SIZE_T*) {
        const std::string data = text_of(list);
        self.take(data);
        self.send_back(data);
        return STATUS_SUCCESS;
    };
    on_disconnect = [](Connection& self, ULONG flags) {
        if ((flags & WSK_FLAG_ABORTIVE) != 0) {
            self.close();
        } else {
            self.note_end_of_stream();
            self.say_goodbye();
        }
    };
}

void Connection::send_back(std::string_view data) {
    send(std::make_shared<Buffer>(data), [this](NTSTATUS status, ULONG_PTR) {
        if (!NT_SUCCESS(status)) {
            close();
        }
    });
}

void Connection::say_goodbye() {
    if (std::exchange(said_goodbye_, true)) {
        return;
    }
    disconnect(0, nullptr, [this](NTSTATUS, ULONG_PTR) { close(); });
}

}  // namespace owsk::scenarios
