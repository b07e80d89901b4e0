// SPDX-License-Identifier: MIT
// DatagramIndicator: WskReceiveFromEvent - datagrams shown to the driver where they lie, when no
// WskReceiveFrom waits; and WskRelease, for what the driver has kept of them.
#pragma once

#include <array>

#include "wsk/datagram/incoming_datagrams.h"
#include "wsk/memory/retained.h"

namespace owsk::wsk {

class DatagramIndicator {
  public:
    explicit DatagramIndicator(IncomingDatagrams& incoming) noexcept : incoming_(incoming) {}

    // Shows the next ones. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return (incoming_.is_readable_locked() || incoming_.may_show_refused_locked()) &&
               show_next_locked();
    }
    // The list from there on, as the driver has linked it: all of it or, with anything in it that
    // this socket has not shown, nothing.
    NTSTATUS release(PWSK_DATAGRAM_INDICATION list) noexcept OWSK_EXCLUDES(socket_mutex);
    // Gives back what the driver has retained past the close, as WskRelease will find no socket any
    // more. Returns how many indications.
    ULONG release_all() noexcept;

  private:
    // Datagrams that are shown together, all of one kind.
    struct List {
        static constexpr std::size_t length_max = net::datagram_batch_max;

        void add(DatagramIndication& next) noexcept { datagrams[length++] = &next; }

        std::array<DatagramIndication*, length_max> datagrams;
        std::size_t length = 0;
    };

    // False when the driver wants none now.
    bool show_next_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // No more than `wanted`; none when there are none now.
    List next_locked(std::size_t wanted) noexcept OWSK_REQUIRES(socket_mutex);
    // What the network has, of any kind.
    List read_locked(std::size_t wanted) noexcept OWSK_REQUIRES(socket_mutex);
    List receive_locked(std::size_t wanted, Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);
    // A datagram that was too long for the room of its indication, in one piece. Null without
    // memory.
    DatagramIndication* move_locked(const DatagramIndication& indication,
                                    const net::DatagramRoom& room,
                                    unsigned processor) noexcept OWSK_REQUIRES(socket_mutex);
    // Those after the last of the first one's kind are put back.
    void cut_to_one_kind_locked(List& list) noexcept OWSK_REQUIRES(socket_mutex);
    void prepare_locked(List& list) noexcept OWSK_REQUIRES(socket_mutex);
    // What was shown is accepted, retained or refused.
    void settle_locked(const List& list, NTSTATUS answer) noexcept OWSK_REQUIRES(socket_mutex);
    void refuse_locked(const List& list) noexcept OWSK_REQUIRES(socket_mutex);

    DatagramCore& core() const noexcept { return incoming_.core(); }

    IncomingDatagrams& incoming_;
    // How many datagrams are asked for at once. One more than there are, so that no further call
    // has to find out that there is no more.
    std::size_t batch_ OWSK_GUARDED_BY(socket_mutex) = 2;
    // An empty datagram takes memory as well.
    RetainedIndications<sizeof(DatagramIndication)> retained_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
