// SPDX-License-Identifier: MIT
// Showing datagrams, and what the driver makes of them.
#include "wsk/datagram/datagram_indicator.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/planted.h"
#include "wsk/memory/indication_shape.h"
#include "wsk/socket/sockaddr.h"
#include "wsk/turn/call_out.h"

namespace owsk::wsk {

namespace {

// Nobody says when there is memory again.
constexpr std::chrono::milliseconds memory_wait{10};
// Room in a block for a datagram of the usual length; a longer one is moved.
constexpr SIZE_T usual_room = 2 * 1024;

}  // namespace

DatagramIndication* DatagramIndicator::receive_locked(Turn& turn) noexcept {
    Services& services = core().services();
    BlockPool& blocks = services.blocks();
    const unsigned processor = turn.processor().number();
    auto* indication = services.faults().strikes(Fault::receive_memory)
                           ? nullptr
                           : blocks.carve<DatagramIndication>(processor, usual_room);
    std::byte* const overflow = indication != nullptr ? blocks.overflow(processor) : nullptr;
    if (overflow == nullptr) {
        // The datagrams wait in the network.
        core().want_turn_at_locked(services.now() + memory_wait);
        return nullptr;
    }
    net::ReceivedDatagram datagram;
    const SIZE_T start = indication->capacity;
    const net::Slice room[] = {{indication->data, start}, {overflow + start, block_size - start}};
    const net::Transfer got = incoming_.receive_locked(room, datagram, turn);
    if (got.outcome != net::Outcome::done) {
        return nullptr;
    }
    if (got.bytes > start) {
        std::memcpy(overflow, indication->data, start);
        indication = blocks.carve<DatagramIndication>(processor, got.bytes);
        if (indication == nullptr) {
            // It is lost, as datagrams may be.
            return nullptr;
        }
        std::memcpy(indication->data, overflow, got.bytes);
    }
    indication->length = got.bytes;
    indication->datagram = datagram;
    blocks.keep(*indication);
    return indication;
}

DatagramIndication* DatagramIndicator::read_locked(Turn& turn) noexcept {
    if (!incoming_.is_readable_locked() || turn.has_its_share_locked()) {
        return nullptr;
    }
    DatagramIndication* const indication = receive_locked(turn);
    if (indication != nullptr && incoming_.has_refused_locked() &&
        !incoming_.may_show_refused_locked()) {
        // There is news, and no WskReceiveFrom has asked for what was refused for good.
        incoming_.drop_refused_locked();
    }
    return indication;
}

DatagramIndication* DatagramIndicator::next_datagram_locked() noexcept {
    return incoming_.may_show_refused_locked() ? &incoming_.take_for_event_locked()
                                               : read_locked(core().turn_of_events());
}

DatagramIndicator::List DatagramIndicator::next_locked() noexcept {
    const auto seed = core().services().faults().strike(Fault::indication_list);
    const std::size_t wanted = seed.has_value() ? 2 + *seed % (List::length_max - 1) : 1;
    List list;
    while (list.length < wanted) {
        DatagramIndication* const next = next_datagram_locked();
        if (next == nullptr) {
            break;
        }
        // The flags of the callback are those of all.
        if (list.length != 0 && kind_of(next->datagram) != kind_of(list.datagrams[0]->datagram) &&
            !OWSK_PLANTED(kinds_mixed)) {
            incoming_.put_back_locked(*next);
            break;
        }
        list.datagrams[list.length++] = next;
    }
    return list;
}

void DatagramIndicator::prepare_locked(List& list) noexcept {
    Faults& faults = core().services().faults();
    const ControlWishes& wishes = core().options_locked().wishes();
    for (std::size_t i = 0; i < list.length; ++i) {
        DatagramIndication& indication = *list.datagrams[i];
        WSK_DATAGRAM_INDICATION& api = indication.api;
        const WrittenControl control =
            write_control(indication.datagram, wishes, indication.control);
        // Drivers copy and compare all of it.
        indication.remote = {};
        auto* const remote = reinterpret_cast<PSOCKADDR>(&indication.remote);
        write_sockaddr(indication.datagram.remote, remote);
        api.Next = i + 1 < list.length ? &list.datagrams[i + 1]->api : nullptr;
        api.Buffer = indication.in_one(0, indication.length);
        api.ControlInfo =
            control.length != 0 ? reinterpret_cast<PCMSGHDR>(indication.control) : nullptr;
        api.ControlInfoLength = control.length;
        api.RemoteAddress = remote;
        if (const auto chain = faults.strike(Fault::indication_chain)) {
            reshape(indication, *chain);
        }
    }
}

bool DatagramIndicator::show_next_locked() noexcept {
    DatagramCore& shared = core();
    if (!shared.event_is_on_locked() || retained_.are_too_many()) {
        return false;
    }
    List list = next_locked();
    if (list.length == 0) {
        return false;
    }
    prepare_locked(list);
    // Before the callback: another thread may release what this one is about to retain.
    for (std::size_t i = 0; i < list.length; ++i) {
        retained_.begin_callback(*list.datagrams[i]);
    }
    const ULONG kind = kind_of(list.datagrams[0]->datagram);
    const PFN_WSK_RECEIVE_FROM_EVENT callback = shared.callbacks().WskReceiveFromEvent;
    const NTSTATUS answer = shared.call_driver_locked(WSK_EVENT_RECEIVE_FROM, [&] {
        return call_out(
            callback, shared.context(), kind | dispatch_level_flag(), &list.datagrams[0]->api);
    });
    settle_locked(list, answer);
    return true;
}

void DatagramIndicator::settle_locked(const List& list, NTSTATUS answer) noexcept {
    List left;
    for (std::size_t i = 0; i < list.length; ++i) {
        if (!retained_.end_callback(*list.datagrams[i], answer)) {
            left.datagrams[left.length++] = list.datagrams[i];
        }
    }
    if (!NT_SUCCESS(answer) && !OWSK_PLANTED(refused_datagram_lost)) {
        refuse_locked(left);
        return;
    }
    for (std::size_t i = 0; i < left.length; ++i) {
        core().services().blocks().release(*left.datagrams[i]);
    }
}

void DatagramIndicator::refuse_locked(const List& list) noexcept {
    EventSwitch& events = core().events();
    // A callback that is always on would be called with them again and again.
    const bool for_good = (events.static_events() & WSK_EVENT_RECEIVE_FROM) != 0;
    for (std::size_t i = list.length; i-- != 0;) {
        list.datagrams[i]->refused_for_good = for_good;
        incoming_.put_back_locked(*list.datagrams[i]);
    }
    // Who has enabled it meanwhile wants to see them again.
    if (!events.was_enabled_in_call(WSK_EVENT_RECEIVE_FROM)) {
        events.disable(WSK_EVENT_RECEIVE_FROM);
    }
    // A WskReceiveFrom that was called meanwhile may have them.
    core().turn_of_receiver().want_locked();
}

NTSTATUS DatagramIndicator::release(PWSK_DATAGRAM_INDICATION list) noexcept {
    SocketLock lock(core().mutex());
    if (!retained_.holds_list<DatagramIndication>(list)) {
        return STATUS_INVALID_PARAMETER;
    }
    const bool was_full = retained_.are_too_many();
    while (list != nullptr) {
        auto* const indication = retained_.find<DatagramIndication>(list);
        list = list->Next;
        retained_.release(*indication, core().services().blocks());
    }
    if (was_full && !retained_.are_too_many()) {
        core().turn_of_events().want_locked();
    }
    return STATUS_SUCCESS;
}

ULONG DatagramIndicator::release_all() noexcept {
    SocketLock lock(core().mutex());
    return retained_.release_all(core().services().blocks());
}

}  // namespace owsk::wsk
