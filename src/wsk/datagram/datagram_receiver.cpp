// SPDX-License-Identifier: MIT
// Filling requests, each with one datagram.
#include "wsk/datagram/datagram_receiver.h"

#include <algorithm>
#include <cstring>

#include "base/planted.h"
#include "wsk/datagram/whole_datagram.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

struct DatagramReceiver::ReceiveParameters {
    static constexpr ULONG control_max = 0x7FFF;  // more than any datagram has

    PMDL mdl;
    ULONG offset;
    ULONG length : 17;
    ULONG control_length : 15;  // as it was at the call: the driver may use the variable again
    ReceiveTargets targets;

    WSK_BUF buffer() const noexcept { return {mdl, offset, length}; }
    std::span<std::byte> control() const noexcept {
        return {reinterpret_cast<std::byte*>(targets.control), control_length};
    }
};

namespace {

// Without a length nobody says how much room there is.
ULONG control_length_of(const ReceiveTargets& targets) noexcept {
    return targets.control_length == nullptr || targets.control == nullptr
               ? 0
               : *targets.control_length;
}

}  // namespace

NTSTATUS DatagramReceiver::check_locked(Request request,
                                        const WSK_BUF* buffer,
                                        ULONG flags) const noexcept {
    if (flags != 0 || buffer == nullptr || !is_well_formed(*buffer)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!core().is_bound_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return request.is_cancelled() ? STATUS_CANCELLED : STATUS_SUCCESS;
}

NTSTATUS DatagramReceiver::receive(const WSK_BUF* buffer,
                                   ULONG flags,
                                   const ReceiveTargets& targets,
                                   PIRP irp) noexcept {
    const CompletionMode mode = core().choose_mode(Operation::receive_from);
    Turn& turn = core().turn_of_receiver();
    Request request;
    {
        SocketLock lock(core().mutex());
        request = core().begin_locked(irp, Operation::receive_from, *this, turn);
        const NTSTATUS status = check_locked(request, buffer, flags);
        if (!NT_SUCCESS(status)) {
            request.decide(status, 0);
            if (!turn.take_in_call_locked(mode)) {
                return turn.finish_later_locked(request);
            }
        } else {
            ReceiveParameters& parameters = request.parameters<ReceiveParameters>();
            parameters.mdl = buffer->Mdl;
            parameters.offset = buffer->Offset;
            static_assert(WholeDatagram::longest < 1U << 17);
            parameters.length = std::min<SIZE_T>(buffer->Length, WholeDatagram::longest) & 0x1FFFF;
            parameters.control_length =
                std::min(control_length_of(targets), ReceiveParameters::control_max) &
                ReceiveParameters::control_max;
            parameters.targets = targets;
            if (!receives_.empty() || core().events().is_running(WSK_EVENT_RECEIVE_FROM) ||
                !turn.take_in_call_locked(mode)) {
                // Inside WskReceiveFromEvent, what that refuses comes first.
                turn.want_locked();
                return turn.pend_locked(receives_, request);
            }
            if (!fill_locked(request)) {
                turn.give_back_locked();
                return turn.pend_locked(receives_, request);
            }
        }
    }
    return turn.finish_in_call(request, mode);
}

bool DatagramReceiver::serve_locked() noexcept {
    Turn& turn = core().turn_of_receiver();
    if (core().events().is_running(WSK_EVENT_RECEIVE_FROM) || turn.has_its_share_locked() ||
        (!incoming_.is_readable_locked() && !incoming_.has_refused_locked())) {
        return false;
    }
    const Request request = receives_.front();
    if (!fill_locked(request)) {
        return false;
    }
    turn.decide_locked(request, request.status(), request.information());
    return true;
}

bool DatagramReceiver::fill_locked(Request request) noexcept {
    if (incoming_.has_refused_locked()) {
        fill_from_refused_locked(request);
        return true;
    }
    WholeDatagram room(request.parameters<ReceiveParameters>().buffer());
    if (!room.is_usable()) {
        request.decide(STATUS_INSUFFICIENT_RESOURCES, 0);
        return true;
    }
    net::ReceivedDatagram datagram;
    const net::Transfer got =
        incoming_.receive_locked(room.get(), datagram, core().turn_of_receiver());
    if (got.outcome != net::Outcome::done) {
        return false;
    }
    room.scatter(got.bytes);
    decide_locked(request, datagram, got.bytes);
    return true;
}

void DatagramReceiver::fill_from_refused_locked(Request request) noexcept {
    DatagramIndication& refused = incoming_.take_refused_locked();
    TransferParameters transfer =
        TransferParameters::from(request.parameters<ReceiveParameters>().buffer(), 0);
    const SIZE_T bytes = std::min(transfer.length, refused.length);
    while (transfer.done < bytes) {
        const Slices slices(transfer);
        for (const net::Slice& slice : slices.get()) {
            const SIZE_T count = std::min<SIZE_T>(slice.length, bytes - transfer.done);
            std::memcpy(slice.base, refused.data + transfer.done, count);
            transfer.done += count;
        }
    }
    decide_locked(request, refused.datagram, bytes);
    core().services().blocks().release(refused);
}

void DatagramReceiver::decide_locked(Request request,
                                     const net::ReceivedDatagram& datagram,
                                     SIZE_T bytes) noexcept {
    const ReceiveParameters& parameters = request.parameters<ReceiveParameters>();
    const ReceiveTargets& targets = parameters.targets;
    const ControlWishes& wishes = core().options_locked().wishes();
    const WrittenControl control = write_control(datagram, wishes, parameters.control());
    if (targets.remote != nullptr) {
        write_sockaddr(datagram.remote, targets.remote);
    }
    if (targets.control_length != nullptr) {
        *targets.control_length = control.length;
    }
    if (targets.control_flags != nullptr) {
        const bool is_cut = bytes < datagram.length && !OWSK_PLANTED(truncation_not_told);
        const bool is_control_cut = control.is_truncated && targets.control_length != nullptr;
        *targets.control_flags = kind_of(datagram) | (is_cut ? ULONG{MSG_TRUNC} : 0) |
                                 (is_control_cut ? ULONG{MSG_CTRUNC} : 0);
    }
    request.decide(STATUS_SUCCESS, bytes);
}

void DatagramReceiver::cancel_all_locked() noexcept {
    core().turn_of_receiver().decide_all_locked(receives_, STATUS_CANCELLED);
}

void DatagramReceiver::cancel(Request request) noexcept {
    SocketLock lock(core().mutex());
    withdraw_locked(request);
}

void DatagramReceiver::withdraw_locked(Request request) noexcept {
    core().turn_of_receiver().withdraw_locked(request, 0);
    if (receives_.empty()) {
        // WskReceiveFromEvent has let it go first.
        core().turn_of_events().want_locked();
    }
}

void DatagramReceiver::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    const ReceiveParameters& parameters = request.parameters<ReceiveParameters>();
    TransferParameters::from(parameters.buffer(), 0).visit_memory(visitor);
    visitor.visit(parameters.targets.remote);
    visitor.visit(parameters.targets.control_length);
    visitor.visit(parameters.targets.control);
    visitor.visit(parameters.targets.control_flags);
}

}  // namespace owsk::wsk
