// SPDX-License-Identifier: MIT
// Agenda: what is to be done when, in the order of time and then of entry.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "sim/units.h"

namespace wskrun {

class Agenda {
  public:
    void add(Duration at, std::function<void()> action) { entries_.emplace(at, std::move(action)); }

    bool empty() const noexcept { return entries_.empty(); }
    // When the first one is due.
    std::optional<Duration> next() const {
        return entries_.empty() ? std::nullopt : std::optional(entries_.begin()->first);
    }
    // Does what is due; that may add more.
    void run(Duration now) {
        while (!entries_.empty() && entries_.begin()->first <= now) {
            const auto entry = entries_.extract(entries_.begin());
            entry.mapped()();
        }
    }

  private:
    std::multimap<Duration, std::function<void()>> entries_;
};

}  // namespace wskrun
