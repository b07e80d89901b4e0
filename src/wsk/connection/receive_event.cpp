// SPDX-License-Identifier: MIT
// WskReceiveEvent: received bytes shown to the driver where they lie, when no WskReceive waits.
#include <chrono>

#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/connection/indication_shape.h"
#include "wsk/socket/call_out.h"

namespace owsk::wsk {

namespace {

// From here on the driver is asked to give retained indications back soon.
constexpr SIZE_T retained_ask = 256 * 1024;
// From here on nothing is read: the TCP window closes, and that is the flow control.
constexpr SIZE_T retained_max = 1024 * 1024;
// Nobody says when there is memory again.
constexpr std::chrono::milliseconds memory_wait{10};

}  // namespace

void ConnectionSocket::show_locked(Indication& indication, SIZE_T offset, SIZE_T count) noexcept {
    indication.show(offset, count);
    Faults& faults = provider().faults();
    const auto list = faults.strike(Fault::indication_list);
    const auto chain = faults.strike(Fault::indication_chain);
    if (list.has_value() || chain.has_value()) {
        reshape(indication, offset, list, chain);
    }
}

Indication* ConnectionSocket::next_indication_locked() noexcept {
    if (leftover_ != nullptr) {
        Indication* rest = leftover_;
        show_locked(*rest, leftover_offset_, rest->length - leftover_offset_);
        return rest;
    }
    if (!readable_ || has_its_share_locked()) {
        return nullptr;
    }
    Indication* indication = provider().faults().strikes(Fault::receive_memory)
                                 ? nullptr
                                 : provider().blocks().carve(processor().number());
    if (indication == nullptr) {
        // The bytes wait in the network.
        want_turn_at(provider().system().host().clock().now() + memory_wait);
        return nullptr;
    }
    const net::Slice room = {indication->data, indication->capacity};
    const net::Transfer got = connection_->receive({&room, 1});
    switch (got.outcome) {
        case net::Outcome::done:
            break;
        case net::Outcome::would_block:
            readable_ = false;
            return nullptr;
        case net::Outcome::end_of_stream:
            end_of_stream_locked();
            return nullptr;
        case net::Outcome::failed:
            failed_ = true;
            want_turn_locked();
            return nullptr;
    }
    note_read_locked(got.bytes, room.length);
    indication->length = got.bytes;
    show_locked(*indication, 0, got.bytes);
    provider().blocks().keep(*indication);
    return indication;
}

bool ConnectionSocket::indicate_locked() noexcept {
    if (!event_is_on_locked(WSK_EVENT_RECEIVE) || suspended_ || !receives_.empty() ||
        receive_state_ != ReceiveState::open || retained_bytes_ >= retained_max) {
        return false;
    }
    Indication* const indication = next_indication_locked();
    if (indication == nullptr) {
        // The end of the stream, or a failure, is work for another step.
        return receive_state_ != ReceiveState::open || failed_;
    }
    leftover_ = nullptr;
    // Before the callback: another thread may release what this one is about to retain.
    resumed_in_callback_ = false;
    indication->in_callback = true;
    indication->released = false;
    InsertTailList(&retained_, &indication->entry);
    retained_bytes_ += indication->length;
    const ULONG flags = (readable_ ? 0 : WSK_FLAG_ENTIRE_MESSAGE) |
                        (retained_bytes_ > retained_ask ? WSK_FLAG_RELEASE_ASAP : 0);
    const PVOID context = context_;
    const PFN_WSK_RECEIVE_EVENT callback = dispatch_->WskReceiveEvent;
    events_.begin_call(WSK_EVENT_RECEIVE);
    mu_.unlock();
    const SIZE_T shown = indication->shown;
    SIZE_T accepted = shown;
    const NTSTATUS answer = call_out(
        callback, context, flags | dispatch_level_flag(), &indication->api, shown, &accepted);
    if (answer == STATUS_SUCCESS && accepted > shown) {
        nt::ke::broken_rule("receive-event-accepted-too-much",
                            "WskReceiveEvent set *BytesAccepted to more than BytesIndicated.");
    }
    mu_.lock();
    settle_indication_locked(*indication, answer, accepted);
    return true;
}

void ConnectionSocket::settle_indication_locked(Indication& indication,
                                                NTSTATUS answer,
                                                SIZE_T accepted) noexcept {
    events_.end_call();
    indication.in_callback = false;
    if (answer == STATUS_PENDING && !indication.released) {
        leftover_offset_ = 0;
        return;
    }
    RemoveEntryList(&indication.entry);
    retained_bytes_ -= indication.length;
    const SIZE_T taken = answer == STATUS_PENDING   ? indication.length - leftover_offset_
                         : answer == STATUS_SUCCESS ? accepted
                                                    : 0;
    const bool forgets = OWSK_PLANTED(bytes_miscounted) && taken < indication.shown;
    leftover_offset_ = (forgets ? 0 : leftover_offset_) + taken;
    const bool died = receive_state_ == ReceiveState::dead;
    if (died || leftover_offset_ == indication.length) {
        leftover_offset_ = 0;
        provider().blocks().release(indication);
        return;
    }
    leftover_ = &indication;
    suspended_ = !resumed_in_callback_;
}

// Without WskDisconnectEvent this is how a driver hears of a socket that does not work.
bool ConnectionSocket::announce_failed_start_locked() noexcept {
    if (started_ || !abort_due_ || !event_is_on_locked(WSK_EVENT_RECEIVE)) {
        return false;
    }
    abort_due_ = false;
    const PVOID context = context_;
    const PFN_WSK_RECEIVE_EVENT callback = dispatch_->WskReceiveEvent;
    events_.begin_call(WSK_EVENT_RECEIVE);
    mu_.unlock();
    SIZE_T accepted = 0;
    static_cast<void>(call_out(callback, context, dispatch_level_flag(), nullptr, 0, &accepted));
    mu_.lock();
    events_.end_call();
    return true;
}

NTSTATUS ConnectionSocket::release(PWSK_DATA_INDICATION released) noexcept {
    Lock lock(mu_);
    for (LIST_ENTRY* entry = retained_.Flink; entry != &retained_; entry = entry->Flink) {
        Indication* indication = CONTAINING_RECORD(entry, Indication, entry);
        if (&indication->api != released || indication->released) {
            continue;
        }
        if (indication->in_callback) {
            indication->released = true;
            return STATUS_SUCCESS;
        }
        RemoveEntryList(entry);
        const bool was_full = retained_bytes_ >= retained_max;
        retained_bytes_ -= indication->length;
        provider().blocks().release(*indication);
        if (was_full && retained_bytes_ < retained_max) {
            want_turn_locked();
        }
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_PARAMETER;
}

}  // namespace owsk::wsk
