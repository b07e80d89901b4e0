// SPDX-License-Identifier: MIT
// DisconnectAnnouncer: WskDisconnectEvent - the driver hears of the peer's FIN, of a reset, or that
// the connection could not be started.
#pragma once

#include "wsk/connection/incoming_stream.h"

namespace owsk::wsk {

class DisconnectAnnouncer {
  public:
    // The connection has died by itself.
    void note_abort_locked() noexcept OWSK_REQUIRES(socket_mutex) { abort_due_ = true; }
    // Announces what is due. False when there is nothing to do.
    bool step_locked(const IncomingStream& incoming) noexcept OWSK_REQUIRES(socket_mutex) {
        return (abort_due_ || (incoming.has_end_locked() && !finish_announced_)) &&
               announce_locked(incoming);
    }

  private:
    // False when the driver does not want to hear of it now.
    bool announce_locked(const IncomingStream& incoming) noexcept OWSK_REQUIRES(socket_mutex);
    bool announce_disconnect_locked(const IncomingStream& incoming) noexcept
        OWSK_REQUIRES(socket_mutex);
    bool announce_failed_start_locked(ConnectionCore& core) noexcept OWSK_REQUIRES(socket_mutex);

    bool abort_due_ OWSK_GUARDED_BY(socket_mutex) = false;
    bool finish_announced_ OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
