// SPDX-License-Identifier: MIT
// TimerTable: the timers that are set, earliest first, and the one deadline of the host behind
// them.
#pragma once

#include <wdm.h>

#include <cstdint>
#include <optional>
#include <set>

#include "base/mutex.h"
#include "base/time.h"
#include "host/host.h"
#include "probe/probes.h"

namespace owsk::nt::ke {

class TimerTable final : private host::Timer {
  public:
    // `mu` is the dispatcher lock, which the holder of a timer knows by another name than mu_;
    // hence no annotations here.
    TimerTable(host::Host& host, Mutex& mu) : host_(host), mu_(mu) {}
    TimerTable(const TimerTable&) = delete;
    TimerTable& operator=(const TimerTable&) = delete;

    // Sets a timer that is not set. What is due already expires at once.
    void insert_locked(KTIMER& timer, Instant due);
    // Whether the timer was set.
    bool remove_locked(KTIMER& timer) noexcept;

    void stop() noexcept;
    std::uint64_t report_leaks(probe::Probes& probes);

  private:
    // Timers with equal deadlines expire in the order in which they were set.
    struct Entry {
        Instant due;
        std::uintptr_t number;
        KTIMER* timer;
        PKDEFERRED_ROUTINE routine;  // of its DPC; for reports

        bool operator<(const Entry& other) const noexcept {
            return due != other.due ? due < other.due : number < other.number;
        }
    };

    void expire() noexcept override;
    void expire_locked(KTIMER& timer, Instant due);
    void arm_locked() noexcept;

    host::Host& host_;
    Mutex& mu_;
    std::set<Entry> timers_;
    std::uintptr_t last_number_ = 0;
    // The host's deadline. It may be earlier than the earliest timer: a cancelled timer leaves it.
    std::optional<Instant> armed_;
};

}  // namespace owsk::nt::ke
