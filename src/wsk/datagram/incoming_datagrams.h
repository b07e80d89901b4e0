// SPDX-License-Identifier: MIT
// IncomingDatagrams: the datagrams that a socket receives, for whoever takes them next: a
// WskReceiveFrom, or WskReceiveFromEvent. Those that the callback has refused come first.
#pragma once

#include <optional>
#include <span>

#include "wsk/datagram/datagram_core.h"
#include "wsk/memory/block.h"

namespace owsk::wsk {

// MSG_BCAST, MSG_MCAST, MSG_ERRQUEUE or none of them.
inline ULONG kind_of(const net::ReceivedDatagram& datagram) noexcept {
    return (datagram.is_broadcast ? ULONG{MSG_BCAST} : 0) |
           (datagram.is_multicast ? ULONG{MSG_MCAST} : 0) |
           (datagram.error.has_value() ? ULONG{MSG_ERRQUEUE} : 0);
}

class IncomingDatagrams {
  public:
    explicit IncomingDatagrams(DatagramCore& core) noexcept : core_(core) {
        InitializeListHead(&refused_);
    }
    IncomingDatagrams(const IncomingDatagrams&) = delete;
    IncomingDatagrams& operator=(const IncomingDatagrams&) = delete;

    DatagramCore& core() const noexcept { return core_; }

    // Only datagrams of that address are received, and the others discarded. Nothing: all are.
    void fix_remote_locked(const std::optional<Address>& remote) noexcept
        OWSK_REQUIRES(socket_mutex) {
        fixed_remote_ = remote;
    }

    void note_readable_locked() noexcept OWSK_REQUIRES(socket_mutex) { readable_ = true; }
    // Whether the network may have one.
    bool is_readable_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return readable_; }
    // Takes the next datagram from the network in `turn`, never one that is not for the driver.
    // Outcome::would_block also when the turn should look up first; then another one follows.
    net::Transfer receive_locked(std::span<const net::Slice> slices,
                                 net::ReceivedDatagram& datagram,
                                 Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);

    // The same for several. How many were received, of which those are not for the driver that have
    // no `datagram` any more.
    std::size_t receive_several_locked(std::span<net::DatagramRoom> rooms, Turn& turn) noexcept
        OWSK_REQUIRES(socket_mutex);

    // Datagrams that WskReceiveFromEvent did not take.
    bool has_refused_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return !IsListEmpty(&refused_);
    }
    // Whether there is one that may be shown to it again.
    bool may_show_refused_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return has_refused_locked() && !oldest_to_show_locked().refused_for_good;
    }
    // Precondition: there is such a one. Those before it are dropped.
    DatagramIndication& take_for_event_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Precondition: there is one.
    DatagramIndication& take_refused_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Before all others.
    void put_back_locked(DatagramIndication& refused) noexcept OWSK_REQUIRES(socket_mutex);
    void drop_refused_locked() noexcept OWSK_REQUIRES(socket_mutex);

  private:
    // The first that may be shown again or, if there is none, the last. Precondition: there is one.
    const DatagramIndication& oldest_to_show_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    bool is_for_driver_locked(const net::ReceivedDatagram& datagram) const noexcept
        OWSK_REQUIRES(socket_mutex);

    DatagramCore& core_;
    LIST_ENTRY refused_ OWSK_GUARDED_BY(socket_mutex);
    std::optional<Address> fixed_remote_ OWSK_GUARDED_BY(socket_mutex);
    // Until the network says otherwise.
    bool readable_ OWSK_GUARDED_BY(socket_mutex) = true;
};

}  // namespace owsk::wsk
