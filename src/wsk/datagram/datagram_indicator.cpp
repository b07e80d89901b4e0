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

DatagramIndication* DatagramIndicator::move_locked(const DatagramIndication& indication,
                                                   const net::DatagramRoom& room,
                                                   unsigned processor) noexcept {
    BlockPool& blocks = core().services().blocks();
    auto* const moved = blocks.carve<DatagramIndication>(processor, room.bytes);
    if (moved == nullptr) {
        return nullptr;
    }
    const SIZE_T start = room.slices[0].length;
    std::memcpy(moved->data, room.slices[0].base, start);
    std::memcpy(moved->data + start, room.slices[1].base, room.bytes - start);
    moved->datagram = indication.datagram;
    moved->length = room.bytes;
    blocks.keep(*moved);
    return moved;
}

DatagramIndicator::List DatagramIndicator::receive_locked(std::size_t wanted, Turn& turn) noexcept {
    Services& services = core().services();
    BlockPool& blocks = services.blocks();
    const unsigned processor = turn.processor().number();
    std::array<DatagramIndication*, List::length_max> carved;
    const std::size_t count =
        services.faults().strikes(Fault::receive_memory) || blocks.overflow(processor, 0) == nullptr
            ? 0
            : blocks.carve_several(processor, usual_room, std::span(carved).first(wanted));
    List list;
    if (count == 0) {
        // The datagrams wait in the network.
        core().want_turn_at_locked(services.now() + memory_wait);
        return list;
    }
    std::array<net::DatagramRoom, List::length_max> rooms;
    for (std::size_t i = 0; i < count; ++i) {
        std::byte* const overflow = blocks.overflow(processor, i);
        rooms[i].slices = {net::Slice{carved[i]->data, usual_room},
                           net::Slice{overflow + usual_room, block_size - usual_room}};
        rooms[i].datagram = &carved[i]->datagram;
    }
    const std::size_t got = incoming_.receive_several_locked(std::span(rooms).first(count), turn);
    for (std::size_t i = 0; i < got; ++i) {
        carved[i]->length = std::min(rooms[i].bytes, usual_room);
        blocks.keep(*carved[i]);
    }
    for (std::size_t i = 0; i < got; ++i) {
        DatagramIndication* const own = carved[i];
        DatagramIndication* whole = rooms[i].datagram != nullptr ? own : nullptr;
        if (whole != nullptr && rooms[i].bytes > usual_room) {
            // Behind all of them. Without memory it is lost, as datagrams may be.
            whole = move_locked(*own, rooms[i], processor);
        }
        if (whole != nullptr) {
            list.add(*whole);
        }
        if (whole != own) {
            blocks.release(*own);
        }
    }
    batch_ =
        got == wanted ? std::min(2 * wanted, List::length_max) : std::max<std::size_t>(got + 1, 2);
    return list;
}

DatagramIndicator::List DatagramIndicator::read_locked(std::size_t wanted) noexcept {
    Turn& turn = core().turn_of_events();
    if (!incoming_.is_readable_locked() || turn.has_its_share_locked()) {
        return {};
    }
    const List list = receive_locked(wanted, turn);
    if (list.length != 0 && incoming_.has_refused_locked() &&
        !incoming_.may_show_refused_locked()) {
        // There is news, and no WskReceiveFrom has asked for what was refused for good.
        incoming_.drop_refused_locked();
    }
    return list;
}

DatagramIndicator::List DatagramIndicator::next_locked(std::size_t wanted) noexcept {
    List list;
    while (list.length < wanted && incoming_.may_show_refused_locked()) {
        list.add(incoming_.take_for_event_locked());
    }
    if (list.length == 0) {
        list = read_locked(wanted);
    }
    cut_to_one_kind_locked(list);
    return list;
}

void DatagramIndicator::cut_to_one_kind_locked(List& list) noexcept {
    // The flags of the callback are those of all.
    const auto is_like_first = [&](std::size_t i) {
        return kind_of(list.datagrams[i]->datagram) == kind_of(list.datagrams[0]->datagram) ||
               OWSK_PLANTED(kinds_mixed);
    };
    std::size_t length = std::min<std::size_t>(list.length, 1);
    while (length < list.length && is_like_first(length)) {
        ++length;
    }
    while (list.length > length) {
        incoming_.put_back_locked(*list.datagrams[--list.length]);
    }
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
    const auto seed = shared.services().faults().strike(Fault::indication_list);
    List list = next_locked(seed.has_value() ? 2 + *seed % 3 : batch_);
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
