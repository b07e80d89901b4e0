// SPDX-License-Identifier: MIT
// Who gets the turn, and the completions that it hands out.
#include "wsk/turn/turn.h"

#include "base/planted.h"
#include "wsk/request/request_owner.h"

namespace owsk::wsk {

namespace {

// After this much work in one turn the processor's other sockets get theirs.
constexpr unsigned steps_max = 64;

// After this many received bytes, too. To go on with one socket would mean to work on it at the
// same time as its peer, which has just been sent an answer and is sending more: each would wait
// for the other's cache lines, while what the other sockets hold grows cold.
constexpr ULONG share = 64 * 1024;

}  // namespace

Request Turn::begin_locked(PIRP irp, Operation operation, RequestOwner& owner) noexcept {
    ++requests_;
    return Request::take(irp, operation, &owner);
}

NTSTATUS Turn::finish(Request request, CompletionMode mode) noexcept {
    {
        SocketLock lock(work_.mutex());
        if (!take_in_call_locked(mode)) {
            return finish_later_locked(request);
        }
    }
    return finish_in_call(request, mode);
}

bool Turn::take_in_call_locked(CompletionMode mode) noexcept {
    const bool overtakes = !completions_.empty() && !OWSK_PLANTED(completion_overtakes);
    if (mode == CompletionMode::deferred || overtakes ||
        completion_depth() >= completion_depth_max) {
        return false;
    }
    // Inside one of its own routines it completes only where the driver asked for that.
    if (holder_.is_held() && (mode != CompletionMode::immediate || !holder_.is_mine())) {
        return false;
    }
    holder_.enter();
    return true;
}

NTSTATUS Turn::finish_in_call(Request request, CompletionMode mode) noexcept {
    NTSTATUS status = request.status();
    if (mode == CompletionMode::windows && NT_SUCCESS(status)) {
        request.mark_pending();
        status = STATUS_PENDING;
    }
    request.complete();
    SocketLock lock(work_.mutex());
    --requests_;
    give_back_locked();
    return status;
}

void Turn::give_back_locked() noexcept {
    if (holder_.leave() && is_wanted_ && !OWSK_PLANTED(turn_not_handed_on)) {
        post_locked();
    }
}

NTSTATUS Turn::finish_later_locked(Request request) noexcept {
    request.mark_pending();
    request.lend_memory();
    completions_.push(request);
    want_locked();
    return OWSK_PLANTED(pending_not_returned) ? request.status() : STATUS_PENDING;
}

NTSTATUS Turn::pend_locked(RequestQueue& queue, Request request) noexcept {
    request.mark_pending();
    request.lend_memory();
    pend_again_locked(queue, request);
    return STATUS_PENDING;
}

void Turn::pend_again_locked(RequestQueue& queue, Request request) noexcept {
    queue.push(request);
    if (!request.allow_cancel()) {
        request.owner()->withdraw_locked(request);
    }
}

void Turn::decide_locked(Request request, NTSTATUS status, ULONG_PTR information) noexcept {
    request.decide(status, information);
    RequestQueue::remove(request);
    if (request.forbid_cancel() || OWSK_PLANTED(completed_while_cancelled)) {
        completions_.push(request);
        want_locked();
    }
    // Otherwise the cancel routine is about to bring it, with the result decided here.
}

void Turn::decide_all_locked(RequestQueue& queue, NTSTATUS status) noexcept {
    while (!queue.empty()) {
        const Request request = queue.front();
        decide_locked(request, status, request.owner()->progress_of(request));
    }
}

void Turn::withdraw_locked(Request request, ULONG_PTR progress) noexcept {
    RequestQueue::remove(request);
    request.decide(STATUS_CANCELLED, progress);
    completions_.push(request);
    want_locked();
}

Request Turn::claim_next_locked(RequestQueue& queue) noexcept {
    while (!queue.empty()) {
        const Request request = queue.pop();
        if (request.forbid_cancel()) {
            return request;
        }
    }
    return {};
}

void Turn::complete_claimed(Request request) noexcept {
    request.complete();
    SocketLock lock(work_.mutex());
    --requests_;
}

void Turn::finish_claimed_locked(Request request) noexcept {
    completions_.push(request);
    want_locked();
}

bool Turn::complete_next_locked() noexcept {
    if (completions_.empty()) {
        return false;
    }
    Request request = completions_.pop();
    work_.mutex().unlock();
    request.complete();
    work_.mutex().lock();
    --requests_;
    return true;
}

void Turn::want_locked() noexcept {
    is_wanted_ = true;
    if (!holder_.is_held() && !is_over_) {
        post_locked();
    }
}

void Turn::post_locked() noexcept {
    if (!is_posted_) {
        is_posted_ = true;
        processor_.post(*this);
    }
}

void Turn::run() noexcept {
    work_.mutex().lock();
    is_posted_ = false;
    take_and_unlock();
}

void Turn::take_and_unlock() noexcept {
    const bool is_last = run_locked();
    work_.mutex().unlock();
    if (is_last) {
        work_.start_end(work_);
    }
}

// The lock is held from the look that finds nothing left to do until the turn is given back, so
// nothing can become due unseen.
bool Turn::run_locked() noexcept {
    if (holder_.is_held() || is_over_) {
        // Whoever has it goes on, or posts the next one.
        is_wanted_ = is_wanted_ || !OWSK_PLANTED(turn_forgotten);
        return false;
    }
    is_late_ = !is_late_ && !is_posted_ && work_.put_off_locked(*this);
    if (is_late_) {
        is_posted_ = true;
        return false;
    }
    holder_.enter();
    is_wanted_ = false;
    share_ = share;
    unsigned steps = 0;
    while (steps < steps_max && (complete_next_locked() || work_.step_locked(*this))) {
        ++steps;
    }
    holder_.leave();
    if (steps == steps_max || has_its_share_locked()) {
        post_locked();
    }
    return work_.is_over_locked(*this);
}

void Turn::hold() noexcept {
    SocketLock lock(work_.mutex());
    OWSK_ASSERT(!holder_.is_held());
    holder_.enter();
}

void Turn::release() noexcept {
    SocketLock lock(work_.mutex());
    holder_.leave();
    want_locked();
}

bool Turn::is_idle_locked() const noexcept {
    return !holder_.is_held() && !is_posted_ && (requests_ == 0 || OWSK_PLANTED(close_too_early));
}

}  // namespace owsk::wsk
