// SPDX-License-Identifier: MIT
// What a registered client holds, and the wait for the end of it.
#include "wsk/registration/client.h"

#include "host/readable.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/wait.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

namespace {

// How long WskDeregister waits before it says for what, and again.
constexpr LONGLONG report_interval_s = 3;
constexpr LONGLONG units_per_s = 10'000'000;

void append_count(std::string& text, ULONG count, const char* one, const char* many) {
    if (count != 0) {
        text += text.empty() ? "" : ", ";
        text += std::to_string(count) + ' ' + (count == 1 ? one : many);
    }
}

}  // namespace

Client::Client(Services& services,
               const WSK_CLIENT_NPI& npi,
               const nt::ke::CallPlace& place) noexcept
    : SocketClient(services),
      dispatch_(npi.Dispatch),
      dispatch_then_(*npi.Dispatch),
      registered_at_(place) {
    KeInitializeEvent(&deregistering_, NotificationEvent, FALSE);
    KeInitializeEvent(&drained_, NotificationEvent, FALSE);
}

Client::~Client() {
    const Lock lock(mu_);
    OWSK_ASSERT(!is_deregistering_ || holds_.none());
}

USHORT Client::version() const noexcept {
    if (!host::is_readable_now(dispatch_, sizeof *dispatch_) ||
        dispatch_->Version != dispatch_then_.Version ||
        dispatch_->Reserved != dispatch_then_.Reserved ||
        dispatch_->WskClientEvent != dispatch_then_.WskClientEvent) {
        const nt::ke::Stack stack = registered_at_.stack();
        nt::ke::broken_rule(Rule::client_dispatch_changed,
                            "The WSK_CLIENT_DISPATCH that WskRegister was given has changed. It "
                            "must stay as it is until WskDeregister; one on a stack does not.",
                            reinterpret_cast<ULONG_PTR>(dispatch_),
                            &stack,
                            "WskRegister was called here");
    }
    return dispatch_then_.Version;
}

void Client::change(ULONG Holds::*hold, int by) noexcept {
    Lock lock(mu_);
    OWSK_ASSERT(by > 0 || holds_.*hold > 0);
    holds_.*hold += static_cast<ULONG>(by);
    if (is_deregistering_ && holds_.none()) {
        KeSetEvent(&drained_, IO_NO_INCREMENT, FALSE);
    } else if (is_deregistering_) {
        KeClearEvent(&drained_);
    }
}

bool Client::is_drained() noexcept {
    Lock lock(mu_);
    return holds_.none();
}

void Client::npi_captured() noexcept {
    change(&Holds::captures, 1);
}

void Client::npi_released() noexcept {
    bool released = false;
    {
        Lock lock(mu_);
        released = holds_.captures > 0;
    }
    if (!released) {
        nt::ke::broken_rule(
            Rule::npi_released_too_often,
            "WskReleaseProviderNPI was called more often than WskCaptureProviderNPI "
            "has succeeded for this registration.",
            reinterpret_cast<ULONG_PTR>(this));
    }
    change(&Holds::captures, -1);
}

void Client::socket_opened() noexcept {
    {
        Lock lock(mu_);
        had_sockets_ = true;
    }
    change(&Holds::sockets, 1);
}

void Client::socket_closed() noexcept {
    change(&Holds::sockets, -1);
}

void Client::call_began() noexcept {
    change(&Holds::calls, 1);
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
    Lock lock(mu_);
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
        Lock lock(mu_);
        ++holds_.requests;
        request.mark_pending();
        transport_changes_.push(request);
        if (is_deregistering_ || !request.allow_cancel(cancel_transport_change)) {
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
        Lock lock(client.mu_);
        RequestQueue::remove(request);
    }
    client.finish_transport_change(request);
}

void Client::finish_transport_change(Request request) noexcept {
    request.decide(STATUS_CANCELLED, 0);
    request.complete();
    change(&Holds::requests, -1);
}

void Client::begin_deregistration() noexcept {
    for (;;) {
        Request request;
        {
            Lock lock(mu_);
            is_deregistering_ = true;
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
    KeSetEvent(&deregistering_, IO_NO_INCREMENT, FALSE);
    Lock lock(mu_);
    if (holds_.none()) {
        KeSetEvent(&drained_, IO_NO_INCREMENT, FALSE);
    }
}

void Client::wait_until_drained() noexcept {
    LARGE_INTEGER interval;
    interval.QuadPart = -report_interval_s * units_per_s;
    std::uint64_t seconds = 0;
    while (nt::ke::wait_for_one(
               drained_.Header, &interval, "WskDeregister", host::Sleep::For::reminder) ==
           STATUS_TIMEOUT) {
        seconds += report_interval_s;
        const std::string holds = describe() + " (in WskDeregister)";
        services().probes().unload_waits({holds, seconds});
    }
    // Whoever has signalled the event may still hold the lock.
    Lock lock(mu_);
}

std::string Client::describe() {
    std::string text;
    {
        Lock lock(mu_);
        append_count(text, holds_.captures, "captured NPI", "captured NPIs");
        append_count(text, holds_.calls, "call in progress", "calls in progress");
        append_count(text, holds_.requests, "pending IRP", "pending IRPs");
        append_count(text, holds_.sockets, "open socket", "open sockets");
    }
    // For people who have to find out which close is missing.
    const std::string sockets = services().sockets().describe(this);
    return sockets.empty() ? text : text + "; " + sockets;
}

}  // namespace owsk::wsk
