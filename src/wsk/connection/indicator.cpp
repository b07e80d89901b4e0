// SPDX-License-Identifier: MIT
// Showing received bytes, and what the driver makes of them.
#include "wsk/connection/indicator.h"

#include <chrono>

#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "wsk/memory/indication_shape.h"
#include "wsk/turn/call_out.h"

namespace owsk::wsk {

namespace {

// Nobody says when there is memory again.
constexpr std::chrono::milliseconds memory_wait{10};

[[noreturn, gnu::cold, gnu::noinline]] void refuse_count() noexcept {
    nt::ke::broken_rule(Rule::receive_event_accepted_too_much,
                        "WskReceiveEvent set *BytesAccepted to more than BytesIndicated.");
}

}  // namespace

void Indicator::show_locked(DataIndication& indication, SIZE_T offset, SIZE_T count) noexcept {
    indication.show(offset, count);
    Faults& faults = core().services().faults();
    const auto list = faults.strike(Fault::indication_list);
    const auto chain = faults.strike(Fault::indication_chain);
    if (list.has_value() || chain.has_value()) {
        reshape(indication, offset, list, chain);
    }
}

IncomingStream::Leftover Indicator::next_locked() noexcept {
    if (incoming_.has_leftover_locked()) {
        const IncomingStream::Leftover rest = incoming_.take_leftover_locked();
        show_locked(*rest.indication, rest.offset, rest.indication->length - rest.offset);
        return rest;
    }
    Turn& turn = core().turn_of_events();
    if (!incoming_.is_readable_locked() || turn.has_its_share_locked()) {
        return {};
    }
    return {read_locked(turn), 0};
}

DataIndication* Indicator::read_locked(Turn& turn) noexcept {
    Services& services = core().services();
    BlockPool& blocks = services.blocks();
    DataIndication* const indication =
        services.faults().strikes(Fault::receive_memory)
            ? nullptr
            : blocks.carve<DataIndication>(turn.processor().number());
    if (indication == nullptr) {
        // The bytes wait in the network.
        core().want_turn_at_locked(services.now() + memory_wait);
        return nullptr;
    }
    const net::Slice room = {indication->data, indication->capacity};
    const net::Transfer got = incoming_.read_locked({&room, 1}, room.length, turn);
    if (got.outcome != net::Outcome::done) {
        return nullptr;
    }
    indication->length = got.bytes;
    show_locked(*indication, 0, got.bytes);
    blocks.keep(*indication);
    return indication;
}

bool Indicator::show_next_locked() noexcept {
    ConnectionCore& shared = core();
    if (!shared.event_is_on_locked(WSK_EVENT_RECEIVE) || incoming_.is_suspended_locked() ||
        incoming_.state_locked() != ReceiveState::open || retained_.are_too_many()) {
        return false;
    }
    const IncomingStream::Leftover next = next_locked();
    if (next.indication == nullptr) {
        // The end of the stream, or a failure, is work for another step.
        return incoming_.state_locked() != ReceiveState::open || shared.has_failed_locked();
    }
    DataIndication& indication = *next.indication;
    incoming_.begin_event_locked();
    retained_.begin_callback(indication);
    const ULONG flags = (incoming_.is_readable_locked() ? 0 : WSK_FLAG_ENTIRE_MESSAGE) |
                        (retained_.are_many() ? WSK_FLAG_RELEASE_ASAP : 0);
    const PVOID context = shared.context_locked();
    const PFN_WSK_RECEIVE_EVENT callback = shared.callbacks_locked().WskReceiveEvent;
    const SIZE_T shown = indication.shown;
    SIZE_T accepted = shown;
    const NTSTATUS answer = shared.call_driver_locked(WSK_EVENT_RECEIVE, [&] {
        const NTSTATUS status = call_out(
            callback, context, flags | dispatch_level_flag(), &indication.api, shown, &accepted);
        if (status == STATUS_SUCCESS && accepted > shown) {
            refuse_count();
        }
        return status;
    });
    settle_locked(next, answer, accepted);
    return true;
}

void Indicator::settle_locked(const IncomingStream::Leftover& from,
                              NTSTATUS answer,
                              SIZE_T accepted) noexcept {
    DataIndication& indication = *from.indication;
    if (retained_.end_callback(indication, answer)) {
        return;
    }
    const SIZE_T taken = answer == STATUS_PENDING   ? indication.length - from.offset
                         : answer == STATUS_SUCCESS ? accepted
                                                    : 0;
    const bool forgets = OWSK_PLANTED(bytes_miscounted) && taken < indication.shown;
    const SIZE_T offset = (forgets ? 0 : from.offset) + taken;
    if (incoming_.state_locked() == ReceiveState::dead || offset == indication.length) {
        core().services().blocks().release(indication);
        return;
    }
    incoming_.put_back_locked({&indication, offset});
}

NTSTATUS Indicator::release(PWSK_DATA_INDICATION released) noexcept {
    SocketLock lock(core().mutex());
    DataIndication* const indication = retained_.find<DataIndication>(released);
    if (indication == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    const bool was_full = retained_.are_too_many();
    retained_.release(*indication, core().services().blocks());
    if (was_full && !retained_.are_too_many()) {
        core().turn_of_events().want_locked();
    }
    return STATUS_SUCCESS;
}

ULONG Indicator::release_all() noexcept {
    SocketLock lock(core().mutex());
    return retained_.release_all(core().services().blocks());
}

}  // namespace owsk::wsk
