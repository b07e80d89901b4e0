// SPDX-License-Identifier: MIT
// Calls and the close of a socket. Between two points at which threads may switch nothing else
// runs, so that plain members need no lock.
#include "simulation/driver/socket.h"

#include <cstdio>
#include <utility>

#include "base/address_text.h"
#include "base/sanitizer.h"
#include "base/status_name.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

SOCKADDR_IN sockaddr_of(const std::string& ip, std::uint16_t port) {
    const Address address = ip_from_text(ip).value();
    SOCKADDR_IN in = {};
    in.sin_family = AF_INET;
    in.sin_port = RtlUshortByteSwap(port);
    RtlCopyMemory(&in.sin_addr, address.ip.data(), sizeof in.sin_addr);
    return in;
}

DriverSocket::DriverSocket(Server& server) : server_(server), run_(server.run()) {
    KeInitializeEvent(&closed_event_, NotificationEvent, FALSE);
}

NTSTATUS DriverSocket::make(const SocketPlan& plan) {
    const CallRef made = Call::make(run(), {.what = "WskSocket"}, [&](PIRP irp) {
        return server().provider().WskSocket(server().client(),
                                             AF_INET,
                                             plan.type,
                                             plan.protocol,
                                             plan.flags,
                                             plan.context,
                                             plan.dispatch,
                                             nullptr,
                                             nullptr,
                                             nullptr,
                                             irp);
    });
    const NTSTATUS status = wait(made);
    if (NT_SUCCESS(status)) {
        open(reinterpret_cast<PWSK_SOCKET>(made->information()), plan.what);
    }
    return status;
}

NTSTATUS DriverSocket::bind(PFN_WSK_BIND function, std::uint16_t port) {
    SOCKADDR_IN any = sockaddr_of("0.0.0.0", port);
    return wait(call("WskBind", [&](PIRP irp) {
        return function(api(), reinterpret_cast<PSOCKADDR>(&any), 0, irp);
    }));
}

void DriverSocket::open(PWSK_SOCKET api, std::string what) {
    api_ = api;
    // As drivers print it, so that the log of a run differs if an address does. Sanitizers have
    // memory of their own, elsewhere in each run.
    if constexpr (!OWSK_ADDRESS_SANITIZER && !OWSK_THREAD_SANITIZER) {
        run_.note(server_.name(), [&] {
            char text[32];
            std::snprintf(text, sizeof text, " has %p", static_cast<const void*>(api));
            return what + text;
        });
    }
    id_ = run_.callbacks.opened(std::move(what), server_.roles_are_serial());
}

bool DriverSocket::begin_use() {
    if (!is_open()) {
        return false;
    }
    ++uses_;
    return true;
}

void DriverSocket::end_use() {
    if (--uses_ == 0 && closing_) {
        really_close();
    }
}

CallRef DriverSocket::call(const char* what,
                           const Call::Function& function,
                           Call::Then then,
                           bool in_order) {
    if (!begin_use()) {
        return nullptr;
    }
    CallRef made =
        Call::prepare(run_,
                      {.what = what, .of_socket = true, .socket = id_, .in_order = in_order},
                      std::move(then));
    if (made != nullptr) {
        if (before_call) {
            before_call(made);
        }
        made->go(function);
    }
    end_use();
    return made;
}

NTSTATUS DriverSocket::control(ULONG mask, PIRP irp) {
    WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID), mask};
    return basic().WskControlSocket(api_,
                                    WskSetOption,
                                    SO_WSK_EVENT_CALLBACK,
                                    SOL_SOCKET,
                                    sizeof control,
                                    &control,
                                    0,
                                    nullptr,
                                    nullptr,
                                    irp);
}

NTSTATUS DriverSocket::enable(ULONG events) {
    if (!begin_use()) {
        return STATUS_CANCELLED;
    }
    run_.callbacks.enabling(id_, events);
    const NTSTATUS status = control(events, nullptr);
    end_use();
    return status;
}

NTSTATUS DriverSocket::disable(ULONG event) {
    if (!begin_use()) {
        return STATUS_CANCELLED;
    }
    const NTSTATUS status = control(event | WSK_EVENT_DISABLE, nullptr);
    if (status == STATUS_SUCCESS) {
        run_.callbacks.disabled(id_, event);
    } else if (status == STATUS_EVENT_PENDING) {
        run_.callbacks.disable_pending(id_, event);
    }
    end_use();
    return status;
}

CallRef DriverSocket::disable_with_irp(ULONG event) {
    return call(
        "WskControlSocket",
        [&](PIRP irp) { return control(event | WSK_EVENT_DISABLE, irp); },
        [this, event](NTSTATUS status, ULONG_PTR) {
            if (NT_SUCCESS(status)) {
                run_.callbacks.disabled(id_, event);
            }
        });
}

void DriverSocket::close() {
    if (api_ == nullptr || std::exchange(closing_, true)) {
        return;
    }
    if (uses_ == 0) {
        really_close();
    }
}

void DriverSocket::really_close() {
    const CallRef made = Call::make(
        run_,
        {.what = "WskCloseSocket", .of_socket = true, .socket = id_, .is_close = true},
        [&](PIRP irp) { return basic().WskCloseSocket(api_, irp); },
        [this](NTSTATUS status, ULONG_PTR) {
            if (!NT_SUCCESS(status)) {
                run_.fail("WskCloseSocket completed with " + status_name(status));
            }
            closed_ = true;
            on_closed();
            KeSetEvent(&closed_event_, IO_NO_INCREMENT, FALSE);
        });
    if (made == nullptr) {
        run_.fail("no memory for the IRP of a close");
    }
}

void DriverSocket::wait_closed() {
    if (api_ != nullptr) {
        // A close waits for the driver's callbacks, and for nobody outside.
        LARGE_INTEGER limit;
        limit.QuadPart = -10 * 10'000'000LL;
        bool was_closing = false;
        while (KeWaitForSingleObject(&closed_event_, Executive, KernelMode, FALSE, &limit) !=
               STATUS_SUCCESS) {
            if (!std::exchange(was_closing, closing_)) {
                continue;
            }
            run_.fail("a close does not complete within 10 s");
        }
    }
}

DriverSocket::Callback::Callback(DriverSocket& socket, const char* routine, ULONG event)
    : socket_(socket) {
    socket_.run_.callbacks.begin(socket_.id_, routine, event);
}

DriverSocket::Callback::~Callback() {
    socket_.run_.callbacks.end(socket_.id_);
}

}  // namespace owsk::scenarios
