// SPDX-License-Identifier: MIT
// Indicator: WskReceiveEvent - received bytes shown to the driver where they lie, when no
// WskReceive waits; and WskRelease, for what the driver has kept of them.
#pragma once

#include "wsk/connection/incoming_stream.h"
#include "wsk/memory/retained.h"

namespace owsk::wsk {

class Indicator {
  public:
    explicit Indicator(IncomingStream& incoming) noexcept : incoming_(incoming) {}
    Indicator(const Indicator&) = delete;
    Indicator& operator=(const Indicator&) = delete;

    // Shows the next bytes. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return (incoming_.is_readable_locked() || incoming_.has_leftover_locked()) &&
               show_next_locked();
    }
    NTSTATUS release(PWSK_DATA_INDICATION indication) noexcept OWSK_EXCLUDES(socket_mutex);
    // Gives back what the driver has retained past the close, as WskRelease will find no socket any
    // more. Returns how many indications.
    ULONG release_all() noexcept;

  private:
    // False when the driver wants none now.
    bool show_next_locked() noexcept OWSK_REQUIRES(socket_mutex);
    void show_locked(DataIndication& indication, SIZE_T offset, SIZE_T count) noexcept
        OWSK_REQUIRES(socket_mutex);
    // The next bytes; none when there are none now.
    IncomingStream::Leftover next_locked() noexcept OWSK_REQUIRES(socket_mutex);
    DataIndication* read_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);
    // What was shown from `from` on is accepted, retained, or partly left.
    void settle_locked(const IncomingStream::Leftover& from,
                       NTSTATUS answer,
                       SIZE_T accepted) noexcept OWSK_REQUIRES(socket_mutex);

    ConnectionCore& core() const noexcept { return incoming_.core(); }

    IncomingStream& incoming_;
    RetainedIndications<0> retained_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
