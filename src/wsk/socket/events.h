// SPDX-License-Identifier: MIT
// EventSwitch: which event callbacks of a socket are on, for good or for now, and which one runs.
#pragma once

#include <wsk.h>

namespace owsk::wsk {

inline constexpr ULONG connection_events =
    WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG;

// The owner's lock guards it.
class EventSwitch {
  public:
    // Static events are always on; they can be neither disabled nor enabled again.
    void set_static(ULONG mask) noexcept { static_ = mask; }
    ULONG static_events() const noexcept { return static_; }

    void enable(ULONG mask) noexcept { enabled_ |= mask; }
    void disable(ULONG mask) noexcept { enabled_ &= ~mask; }
    bool is_on(ULONG mask) const noexcept { return ((enabled_ | static_) & mask) != 0; }
    ULONG enabled() const noexcept { return enabled_ | static_; }

    // The callback that the turn is making now; at most one.
    void begin_call(ULONG mask) noexcept { running_ = mask; }
    void end_call() noexcept { running_ = 0; }
    bool is_running(ULONG mask) const noexcept { return (running_ & mask) != 0; }

  private:
    ULONG static_ = 0;
    ULONG enabled_ = 0;
    ULONG running_ = 0;
};

}  // namespace owsk::wsk
