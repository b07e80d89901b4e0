// SPDX-License-Identifier: MIT
// The turn of a socket, and the completions it hands out.
#include "wsk/socket/socket.h"

#include <utility>

#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "wsk/registration/client.h"

namespace owsk::wsk {

namespace {

// After this much work in one turn the processor's other sockets get theirs.
constexpr unsigned steps_max = 64;

// After this many received bytes, too. To go on with one socket would mean to work on it at the
// same time as its peer, which has just been sent an answer and is sending more: each would wait
// for the other's cache lines, while what the other sockets hold grows cold.
constexpr ULONG share = 64 * 1024;

}  // namespace

Socket::Socket(Client& client,
               Category category,
               const VOID* dispatch,
               host::Processor& processor) noexcept
    : category_(category), client_(client), provider_(client.provider()), processor_(processor) {
    api_.Dispatch = dispatch;
    api_.socket = this;
}

void Socket::enlist() noexcept {
    client_.socket_opened();
    provider_.sockets().add(*this);
}

const char* Socket::kind() const noexcept {
    switch (category_) {
        case Category::basic:
            return "basic socket";
        case Category::listen:
            return "listening socket";
        case Category::connection:
            return "connection";
        case Category::datagram:
            return "datagram socket";
        case Category::stream:
            return "stream socket";
    }
    return "socket";
}

std::unique_ptr<const nt::ke::CallPlace> Socket::take_closed_at() noexcept {
    Lock lock(mu_);
    return std::move(closed_at_);
}

Socket& Socket::of(PWSK_SOCKET socket, const void* place) noexcept {
    pass(Point::call);
    note_caller(place);
    SocketList& sockets = Provider::current().sockets();
    if (!sockets.is_open(socket)) {
        sockets.refuse(socket);
    }
    return *static_cast<ApiSocket*>(socket)->socket;
}

Socket& Socket::of_list_entry(LIST_ENTRY* entry) noexcept {
    return *static_cast<Socket*>(static_cast<SocketLink*>(entry));
}

NTSTATUS Socket::set_option(ULONG, ULONG, ULONG) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Result<ULONG> Socket::get_option(ULONG, ULONG) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Result<InspectId> Socket::inspect_id() const noexcept {
    return STATUS_INVALID_DEVICE_REQUEST;
}

Result<OWSK_GATE> Socket::gate() noexcept {
    return STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS Socket::health() noexcept {
    return STATUS_SUCCESS;
}

Result<Address> Socket::local_address() noexcept {
    return STATUS_INVALID_DEVICE_STATE;
}

Result<Address> Socket::remote_address() noexcept {
    return STATUS_INVALID_DEVICE_STATE;
}

ULONG_PTR Socket::progress_of(Request) const noexcept {
    return 0;
}

void Socket::on_cancelled_locked(Request) noexcept {}

void Socket::check_open_locked(const char* what) noexcept {
    if (closing_) {
        const nt::ke::Stack stack = closed_at_ != nullptr ? closed_at_->stack() : nt::ke::Stack();
        nt::ke::broken_rule(
            "socket-used-after-close",
            std::string(what) + " was called with a " + kind() + " after " +
                (stack.empty() ? "WskAcceptEvent had refused it." : "WskCloseSocket."),
            reinterpret_cast<ULONG_PTR>(&api_),
            &stack,
            "WskCloseSocket was called here");
    }
}

Request Socket::begin(PIRP irp, Operation operation) noexcept {
    Lock lock(mu_);
    return begin_locked(irp, operation);
}

Request Socket::begin_locked(PIRP irp, Operation operation) noexcept {
    check_open_locked("A WSK function");
    ++requests_;
    return Request::take(irp, operation, this);
}

NTSTATUS Socket::finish(Request request, NTSTATUS status, ULONG_PTR information) noexcept {
    request.decide(status, information);
    const CompletionMode mode = provider_.choose(request.operation());
    {
        Lock lock(mu_);
        if (!take_turn_in_call_locked(mode)) {
            return finish_later_locked(request);
        }
    }
    return finish_in_call(request, mode);
}

bool Socket::take_turn_in_call_locked(CompletionMode mode) noexcept {
    const bool overtakes = !completions_.empty() && !OWSK_PLANTED(completion_overtakes);
    if (mode == CompletionMode::deferred || overtakes ||
        completion_depth() >= completion_depth_max) {
        return false;
    }
    // Inside one of the socket's own routines it completes only where the driver asked for that.
    if (turn_.is_held() && (mode != CompletionMode::at_once || !turn_.is_mine())) {
        return false;
    }
    turn_.enter();
    return true;
}

NTSTATUS Socket::finish_in_call(Request request, CompletionMode mode) noexcept {
    NTSTATUS status = request.status();
    if (mode == CompletionMode::windows && NT_SUCCESS(status)) {
        request.mark_pending();
        status = STATUS_PENDING;
    }
    request.complete();
    leave_turn();
    return status;
}

NTSTATUS Socket::finish_later_locked(Request request) noexcept {
    request.mark_pending();
    request.lend_memory();
    completions_.push(request);
    want_turn_locked();
    return OWSK_PLANTED(pending_not_returned) ? request.status() : STATUS_PENDING;
}

NTSTATUS Socket::pend_locked(RequestQueue& queue, Request request) noexcept {
    request.mark_pending();
    request.lend_memory();
    queue.push(request);
    if (!request.allow_cancel(cancel_request)) {
        withdraw_locked(request, progress_of(request));
    }
    return STATUS_PENDING;
}

void Socket::decide_locked(Request request, NTSTATUS status, ULONG_PTR information) noexcept {
    request.decide(status, information);
    RequestQueue::remove(request);
    if (request.forbid_cancel() || OWSK_PLANTED(completed_while_cancelled)) {
        completions_.push(request);
        want_turn_locked();
    }
    // Otherwise the cancel routine is about to bring it, with the result decided here.
}

void Socket::decide_all_locked(RequestQueue& queue, NTSTATUS status) noexcept {
    while (!queue.empty()) {
        const Request request = queue.front();
        decide_locked(request, status, progress_of(request));
    }
}

void NTAPI Socket::cancel_request(PDEVICE_OBJECT, PIRP irp) noexcept {
    const Request request = Request::of(irp);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    // The socket cannot be gone: its close waits for this very request.
    Socket& socket = *request.owner();
    Lock lock(socket.mu_);
    socket.withdraw_locked(request,
                           OWSK_PLANTED(cancel_takes_bytes_back) ? 0 : socket.progress_of(request));
}

void Socket::withdraw_locked(Request request, ULONG_PTR progress) noexcept {
    RequestQueue::remove(request);
    request.decide(STATUS_CANCELLED, progress);
    completions_.push(request);
    on_cancelled_locked(request);
    want_turn_locked();
}

void Socket::want_turn_locked() noexcept {
    turn_wanted_ = true;
    // The last work of a socket is its destruction; no turn may be queued behind that.
    if (!turn_.is_held() && !transport_closing_) {
        processor_.post(*this);
    }
}

void Socket::want_turn() noexcept {
    Lock lock(mu_);
    want_turn_locked();
}

void Socket::give_turn_back_locked() noexcept {
    if (turn_.leave() && turn_wanted_ && !OWSK_PLANTED(turn_not_handed_on)) {
        processor_.post(*this);
    }
}

void Socket::leave_turn() noexcept {
    Lock lock(mu_);
    --requests_;
    give_turn_back_locked();
}

Request Socket::claim_next_locked(RequestQueue& queue) noexcept {
    while (!queue.empty()) {
        const Request request = queue.pop();
        if (request.forbid_cancel()) {
            return request;
        }
    }
    return {};
}

void Socket::complete_claimed(Request request) noexcept {
    request.complete();
    Lock lock(mu_);
    --requests_;
}

bool Socket::complete_next_locked() noexcept {
    if (completions_.empty()) {
        return false;
    }
    Request request = completions_.pop();
    mu_.unlock();
    request.complete();
    mu_.lock();
    --requests_;
    return true;
}

void Socket::run() noexcept {
    mu_.lock();
    take_turn_and_unlock();
}

void Socket::take_turn_and_unlock() noexcept {
    const bool is_last = turn_locked();
    mu_.unlock();
    if (is_last && !close_transport(closed_)) {
        processor_.post(closed_);
    }
}

// The lock is held from the look that finds nothing left to do until the turn is given back, so
// nothing can become due unseen.
bool Socket::turn_locked() noexcept {
    if (turn_.is_held() || transport_closing_) {
        // Whoever has it goes on, or posts the next one.
        turn_wanted_ = turn_wanted_ || !OWSK_PLANTED(turn_forgotten);
        return false;
    }
    // Once: the other sockets of the processor come first, and then this one does.
    turn_.set_late(!turn_.is_late() && provider_.faults().strikes(Fault::late_turn));
    if (turn_.is_late()) {
        processor_.post(*this);
        return false;
    }
    turn_.enter();
    turn_wanted_ = false;
    share_ = share;
    unsigned steps = 0;
    while (steps < steps_max && (complete_next_locked() || step_locked())) {
        ++steps;
    }
    turn_.leave();
    transport_closing_ = closing_ && (requests_ == 0 || OWSK_PLANTED(close_too_early));
    if (!transport_closing_ && (steps == steps_max || has_its_share_locked())) {
        processor_.post(*this);
    }
    return transport_closing_;
}

Introduction::Introduction(Socket& socket) noexcept : socket_(socket) {
    Lock lock(socket_.mu_);
    OWSK_ASSERT(!socket_.turn_.is_held());
    socket_.turn_.enter();
}

Introduction::~Introduction() {
    Lock lock(socket_.mu_);
    socket_.turn_.leave();
    socket_.want_turn_locked();
}

}  // namespace owsk::wsk
