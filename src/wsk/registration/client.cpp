// SPDX-License-Identifier: MIT
// What an attached client holds, and the end of it.
#include "wsk/registration/client.h"

#include <netioddk.h>

#include "wsk/registration/counts.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

Client::Client(Services& services, Attachments& attachments, HANDLE binding) noexcept
    : SocketClient(services), attachments_(attachments), binding_(binding) {}

// The NMR may free the client as soon as it hears that nothing is left.
void Client::change(ULONG Holds::*hold, int by) noexcept {
    bool is_over = false;
    {
        const Lock lock(mu_);
        OWSK_ASSERT(by > 0 || holds_.*hold > 0);
        holds_.*hold += static_cast<ULONG>(by);
        if (is_detach_pending_ && holds_.none()) {
            is_detach_pending_ = false;
            is_over = true;
        }
    }
    if (is_over) {
        NmrProviderDetachClientComplete(binding_);
    }
}

bool Client::is_unused() noexcept {
    const Lock lock(mu_);
    return holds_.none();
}

void Client::socket_opened() noexcept {
    {
        const Lock lock(mu_);
        had_sockets_ = true;
    }
    change(&Holds::sockets, 1);
}

void Client::socket_closed() noexcept {
    change(&Holds::sockets, -1);
}

bool Client::call_began() noexcept {
    const Lock lock(mu_);
    if (holds_.client == 0) {
        return false;
    }
    ++holds_.calls;
    return true;
}

void Client::call_ended() noexcept {
    change(&Holds::calls, -1);
}

void Client::request_began() noexcept {
    change(&Holds::requests, 1);
}

void Client::request_ended() noexcept {
    change(&Holds::requests, -1);
}

bool Client::may_configure() noexcept {
    const Lock lock(mu_);
    return !had_sockets_;
}

NTSTATUS Client::set_static_events(ULONG mask) noexcept {
    if (!may_configure()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    keep_static_events(mask);
    return STATUS_SUCCESS;
}

NTSTATUS Client::wait_for_transport_change(PIRP irp) noexcept {
    const Request request = Request::take(irp, Operation::control, nullptr);
    irp->Tail.Overlay.DriverContext[2] = this;
    Request cancelled;
    {
        const Lock lock(mu_);
        ++holds_.requests;
        request.mark_pending();
        transport_changes_.push(request);
        if (is_detaching_ || !request.allow_cancel(cancel_transport_change)) {
            RequestQueue::remove(request);
            cancelled = request;
        }
    }
    if (cancelled) {
        finish_transport_change(cancelled);
    }
    return STATUS_PENDING;
}

void NTAPI Client::cancel_transport_change(PDEVICE_OBJECT, PIRP irp) noexcept {
    const Request request = Request::of(irp);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    Client& client = *static_cast<Client*>(irp->Tail.Overlay.DriverContext[2]);
    {
        const Lock lock(client.mu_);
        RequestQueue::remove(request);
    }
    client.finish_transport_change(request);
}

void Client::finish_transport_change(Request request) noexcept {
    request.decide(STATUS_CANCELLED, 0);
    request.complete();
    change(&Holds::requests, -1);
}

NTSTATUS Client::detach() noexcept {
    for (;;) {
        Request request;
        {
            const Lock lock(mu_);
            is_detaching_ = true;
            while (!transport_changes_.empty() && !request) {
                const Request next = transport_changes_.pop();
                request = next.forbid_cancel() ? next : Request();
            }
        }
        if (!request) {
            break;
        }
        finish_transport_change(request);
    }
    const Lock lock(mu_);
    is_detach_pending_ = !holds_.none();
    return is_detach_pending_ ? STATUS_PENDING : STATUS_SUCCESS;
}

void Client::client_detached() noexcept {
    change(&Holds::client, -1);
}

std::string Client::describe() {
    std::string text;
    {
        const Lock lock(mu_);
        append_count(text, holds_.calls, "call in progress", "calls in progress");
        append_count(text, holds_.requests, "pending IRP", "pending IRPs");
        append_count(text, holds_.sockets, "open socket", "open sockets");
    }
    // For people who have to find out which close is missing.
    const std::string sockets = services().sockets().describe(this);
    return sockets.empty() ? text : text + "; " + sockets;
}

}  // namespace owsk::wsk
