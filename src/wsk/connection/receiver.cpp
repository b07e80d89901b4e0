// SPDX-License-Identifier: MIT
// Filling requests, each as far as it wants.
#include "wsk/connection/receiver.h"

#include "base/planted.h"

namespace owsk::wsk {

namespace {

constexpr ULONG known_flags = WSK_FLAG_WAITALL | WSK_FLAG_DRAIN;
// What one call throws away at the most before it looks up.
constexpr SIZE_T drain_step = 1024 * 1024;

NTSTATUS check_arguments(const WSK_BUF* buffer, ULONG flags) noexcept {
    if ((flags & ~known_flags) != 0) {
        return STATUS_NOT_SUPPORTED;
    }
    if (buffer == nullptr || !is_well_formed(*buffer) || flags == known_flags) {
        return STATUS_INVALID_PARAMETER;
    }
    const bool drain = (flags & WSK_FLAG_DRAIN) != 0;
    return drain && buffer->Length != 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

// A receive of nothing takes no data: it only lets events go on.
bool only_resumes(const WSK_BUF& buffer, ULONG flags) noexcept {
    return buffer.Length == 0 && (flags & WSK_FLAG_DRAIN) == 0;
}

// Whether the network has no more for `request` now; then it may have its result.
bool ends_with(Request request, const net::Transfer& got) noexcept {
    switch (got.outcome) {
        case net::Outcome::done:
            return false;
        case net::Outcome::would_block:
            return true;
        case net::Outcome::end_of_stream:
            request.decide(STATUS_SUCCESS, TransferParameters::of(request).done);
            return true;
        case net::Outcome::failed:
            request.decide(got.status, TransferParameters::of(request).done);
            return true;
    }
    return true;
}

}  // namespace

NTSTATUS Receiver::check_locked(Request request,
                                const WSK_BUF* buffer,
                                ULONG flags) const noexcept {
    const NTSTATUS status = check_arguments(buffer, flags);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (incoming_.state_locked() == ReceiveState::unconnected) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (incoming_.state_locked() == ReceiveState::dead) {
        return core().death_locked();
    }
    return request.is_cancelled() ? STATUS_CANCELLED : STATUS_SUCCESS;
}

NTSTATUS Receiver::receive(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept {
    const CompletionMode mode = core().choose_mode(Operation::receive);
    Turn& turn = core().turn_of_receiver();
    Request request;
    {
        SocketLock lock(core().mutex());
        request = core().begin_locked(irp, Operation::receive, *this, turn);
        const NTSTATUS status = check_locked(request, buffer, flags);
        bool resumes = false;
        if (NT_SUCCESS(status)) {
            TransferParameters::of(request) = TransferParameters::from(*buffer, flags);
            resumes = only_resumes(*buffer, flags);
            incoming_.resume_locked();
        }
        const bool first = receives_.empty();
        if (!NT_SUCCESS(status) || resumes) {
            request.decide(status, 0);
            if (!turn.take_in_call_locked(mode)) {
                return turn.finish_later_locked(request);
            }
        } else if (!first || core().events().is_running(WSK_EVENT_RECEIVE) ||
                   !turn.take_in_call_locked(mode)) {
            // Inside WskReceiveEvent, what that leaves of the shown bytes comes first.
            turn.want_locked();
            return turn.pend_locked(receives_, request);
        } else if (!fill_locked(request)) {
            turn.give_back_locked();
            return turn.pend_locked(receives_, request);
        }
    }
    return turn.finish_in_call(request, mode);
}

bool Receiver::serve_locked() noexcept {
    // What WskReceiveEvent leaves of the bytes that it is just shown comes first.
    if (core().events().is_running(WSK_EVENT_RECEIVE) ||
        core().turn_of_receiver().has_its_share_locked() ||
        (!incoming_.is_readable_locked() && !incoming_.has_leftover_locked() &&
         incoming_.state_locked() == ReceiveState::open)) {
        return false;
    }
    const Request request = receives_.front();
    if (!fill_locked(request)) {
        return false;
    }
    core().turn_of_receiver().decide_locked(request, request.status(), request.information());
    return true;
}

bool Receiver::fill_locked(Request request) noexcept {
    TransferParameters& transfer = TransferParameters::of(request);
    if (incoming_.state_locked() == ReceiveState::finished) {
        request.decide(STATUS_SUCCESS, transfer.done);
        return true;
    }
    if ((transfer.flags & WSK_FLAG_DRAIN) != 0) {
        return drain_locked(request);
    }
    if (incoming_.has_leftover_locked() && fails_locked(request)) {
        return true;
    }
    transfer.done += incoming_.copy_leftover_locked(transfer);
    const bool wait_all = (transfer.flags & WSK_FLAG_WAITALL) != 0;
    while (transfer.done < transfer.length && (transfer.done == 0 || wait_all)) {
        const Slices slices(transfer);
        const net::Transfer got =
            incoming_.read_locked(slices.get(), slices.bytes(), core().turn_of_receiver());
        if (ends_with(request, got)) {
            return request.is_decided();
        }
        transfer.done += got.bytes;
    }
    request.decide(STATUS_SUCCESS, transfer.done);
    return true;
}

// What lies here is discarded by a reset like what lies in the network.
bool Receiver::fails_locked(Request request) noexcept {
    const NTSTATUS status = core().connection().look_for_failure();
    if (NT_SUCCESS(status)) {
        return false;
    }
    request.decide(status, TransferParameters::of(request).done);
    core().note_failure_locked();
    return true;
}

bool Receiver::drain_locked(Request request) noexcept {
    incoming_.drop_leftover_locked();
    while (!ends_with(request, incoming_.discard_locked(drain_step, core().turn_of_receiver()))) {
    }
    return request.is_decided();
}

void Receiver::decide_all_locked(NTSTATUS status) noexcept {
    core().turn_of_receiver().decide_all_locked(receives_, status);
}

void Receiver::cancel(Request request) noexcept {
    SocketLock lock(core().mutex());
    withdraw_locked(request);
}

void Receiver::withdraw_locked(Request request) noexcept {
    core().turn_of_receiver().withdraw_locked(
        request, OWSK_PLANTED(cancel_takes_bytes_back) ? 0 : progress_of(request));
    if (receives_.empty()) {
        // WskReceiveEvent has let it go first.
        core().turn_of_events().want_locked();
    }
}

ULONG_PTR Receiver::progress_of(Request request) const noexcept {
    return TransferParameters::of(request).progress();
}

void Receiver::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    TransferParameters::of(request).visit_memory(visitor);
}

}  // namespace owsk::wsk
