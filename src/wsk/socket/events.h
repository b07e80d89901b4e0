// SPDX-License-Identifier: MIT
// EventSwitch: which event callbacks of a socket are on, for good or for now, and which ones run.
#pragma once

#include <wsk.h>

#include "wsk/socket/category.h"

namespace owsk::wsk {

inline constexpr ULONG connection_events =
    WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG;

// The events that sockets of a category may have.
ULONG event_kinds_of(Category category) noexcept;

// The socket's lock guards it.
class EventSwitch {
  public:
    // Static events are always on; they can be neither disabled nor enabled again.
    void set_static(ULONG mask) noexcept { static_ = narrow(mask); }
    ULONG static_events() const noexcept { return wide(static_); }

    void enable(ULONG mask) noexcept {
        add(enabled_, mask);
        add(enabled_in_call_, mask & wide(running_));
    }
    void disable(ULONG mask) noexcept { remove(enabled_, mask); }
    bool is_on(ULONG mask) const noexcept { return ((enabled_ | static_) & narrow(mask)) != 0; }
    ULONG enabled() const noexcept { return wide(enabled_ | unsigned{static_}); }

    // A callback that a turn is making now.
    void begin_call(ULONG mask) noexcept {
        add(running_, mask);
        remove(enabled_in_call_, mask);
    }
    void end_call(ULONG mask) noexcept { remove(running_, mask); }
    bool is_running(ULONG mask) const noexcept { return (running_ & narrow(mask)) != 0; }
    // Whether it was enabled while the call ran that has ended last.
    bool was_enabled_in_call(ULONG mask) const noexcept {
        return (enabled_in_call_ & narrow(mask)) != 0;
    }

  private:
    // Every socket has one of these switches, so it is small: events have few bits in a row.
    static constexpr unsigned lowest_bit = 4;
    static constexpr UCHAR narrow(ULONG mask) noexcept {
        return static_cast<UCHAR>(mask >> lowest_bit);
    }
    static void add(UCHAR& bits, ULONG mask) noexcept {
        bits = static_cast<UCHAR>(bits | narrow(mask));
    }
    static void remove(UCHAR& bits, ULONG mask) noexcept {
        bits = static_cast<UCHAR>(bits & ~narrow(mask));
    }
    static constexpr ULONG wide(unsigned bits) noexcept { return ULONG{bits} << lowest_bit; }
    static constexpr ULONG all = connection_events | WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM;
    static_assert((all & 0xF) == 0 && (all >> lowest_bit) <= 0xFF);

    UCHAR static_ = 0;
    UCHAR enabled_ = 0;
    UCHAR running_ = 0;
    UCHAR enabled_in_call_ = 0;
};

}  // namespace owsk::wsk
