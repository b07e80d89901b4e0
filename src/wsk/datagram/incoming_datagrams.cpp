// SPDX-License-Identifier: MIT
// Receiving, for whoever it is.
#include "wsk/datagram/incoming_datagrams.h"

#include <algorithm>

#include "base/planted.h"
#include "net/claim.h"

namespace owsk::wsk {

namespace {

// So many datagrams may be discarded before others get their turn.
constexpr unsigned discarded_max = 64;
// What a datagram costs besides its bytes.
constexpr SIZE_T overhead = 256;

DatagramIndication* indication_of(LIST_ENTRY* entry) noexcept {
    return static_cast<DatagramIndication*>(CONTAINING_RECORD(entry, Indication, entry));
}

}  // namespace

bool IncomingDatagrams::is_for_driver_locked(const net::ReceivedDatagram& datagram) const noexcept {
    return !fixed_remote_.has_value() || OWSK_PLANTED(fixed_remote_forgotten) ||
           (fixed_remote_->port == datagram.remote.port &&
            net::may_be_same(*fixed_remote_, datagram.remote));
}

net::Transfer IncomingDatagrams::receive_locked(std::span<const net::Slice> slices,
                                                net::ReceivedDatagram& datagram,
                                                Turn& turn) noexcept {
    net::DatagramPort& port = *core_.port_locked();
    for (unsigned discarded = 0; discarded < discarded_max; ++discarded) {
        const net::Transfer got = port.receive(slices, datagram);
        switch (got.outcome) {
            case net::Outcome::done:
                turn.note_received_locked(got.bytes + overhead);
                if (is_for_driver_locked(datagram)) {
                    return got;
                }
                break;
            case net::Outcome::would_block:
                readable_ = false;
                return got;
            default:
                // Nothing was received, and the port goes on.
                break;
        }
    }
    turn.end_share_locked();
    return {net::Outcome::would_block};
}

std::size_t IncomingDatagrams::receive_several_locked(std::span<net::DatagramRoom> rooms,
                                                      Turn& turn) noexcept {
    net::DatagramPort& port = *core_.port_locked();
    std::size_t discarded = 0;
    while (discarded < discarded_max) {
        const net::DatagramBatch batch = port.receive_several(rooms);
        const std::span<net::DatagramRoom> received = rooms.first(batch.count);
        std::size_t wanted = 0;
        for (const net::DatagramRoom& room : received) {
            turn.note_received_locked(room.bytes + overhead);
            wanted += is_for_driver_locked(*room.datagram) ? 1 : 0;
        }
        readable_ = batch.last.outcome != net::Outcome::would_block;
        if (wanted != 0) {
            for (net::DatagramRoom& room : received) {
                room.datagram = is_for_driver_locked(*room.datagram) ? room.datagram : nullptr;
            }
            return batch.count;
        }
        if (!readable_) {
            return 0;
        }
        // What became of a datagram that was sent is nothing that was received.
        discarded += std::max<std::size_t>(batch.count, 1);
    }
    turn.end_share_locked();
    return 0;
}

DatagramIndication& IncomingDatagrams::take_refused_locked() noexcept {
    return *indication_of(RemoveHeadList(&refused_));
}

const DatagramIndication& IncomingDatagrams::oldest_to_show_locked() const noexcept {
    LIST_ENTRY* entry = refused_.Flink;
    while (entry->Flink != &refused_ && indication_of(entry)->refused_for_good) {
        entry = entry->Flink;
    }
    return *indication_of(entry);
}

DatagramIndication& IncomingDatagrams::take_for_event_locked() noexcept {
    for (;;) {
        DatagramIndication& oldest = take_refused_locked();
        if (!oldest.refused_for_good) {
            return oldest;
        }
        core_.services().blocks().release(oldest);
    }
}

void IncomingDatagrams::put_back_locked(DatagramIndication& refused) noexcept {
    InsertHeadList(&refused_, &refused.entry);
}

void IncomingDatagrams::drop_refused_locked() noexcept {
    while (has_refused_locked()) {
        core_.services().blocks().release(take_refused_locked());
    }
}

}  // namespace owsk::wsk
