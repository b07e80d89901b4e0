// SPDX-License-Identifier: MIT
// BacklogAnnouncer: WskSendBacklogEvent - the driver hears that another number of bytes than before
// has to be outstanding to fill the path to the peer.
#pragma once

#include <cstdint>

#include "wsk/connection/connection_core.h"

namespace owsk::wsk {

class BacklogAnnouncer {
  public:
    // Whether it is time to look, between these numbers of bytes that the connection has sent.
    // Looking costs a system call, and nothing changes before a path was filled once more.
    static constexpr bool is_due(std::uint64_t before, std::uint64_t after) noexcept {
        return step_of(before) != step_of(after);
    }
    // Announces a change. False when there is nothing to do.
    bool step_locked(ConnectionCore& core, std::uint64_t bytes_sent) noexcept
        OWSK_REQUIRES(socket_mutex) {
        return core.events().is_on(WSK_EVENT_SEND_BACKLOG) && looked_at_ != step_of(bytes_sent) &&
               core.event_is_on_locked(WSK_EVENT_SEND_BACKLOG) && look_locked(core, bytes_sent);
    }
    // The ideal backlog, for a driver that asks.
    SIZE_T tell_locked(ConnectionCore& core) noexcept OWSK_REQUIRES(socket_mutex);

  private:
    // Every connection has one of these: the steps begin again after 256 TiB.
    static constexpr std::uint32_t step_of(std::uint64_t bytes) noexcept {
        return static_cast<std::uint32_t>(bytes / net::ideal_send_backlog_min);
    }
    bool look_locked(ConnectionCore& core, std::uint64_t bytes_sent) noexcept
        OWSK_REQUIRES(socket_mutex);

    // What the driver was told last. Before that it is right to assume the least there is.
    std::uint32_t known_ OWSK_GUARDED_BY(socket_mutex) = net::ideal_send_backlog_min;
    std::uint32_t looked_at_ OWSK_GUARDED_BY(socket_mutex) = 0;  // after which step
};

}  // namespace owsk::wsk
