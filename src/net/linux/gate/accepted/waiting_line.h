// SPDX-License-Identifier: MIT
// WaitingLine: connections whose clients have their share of what a gate holds, in the order in
// which they came. They are asked about as soon as their clients have room.
#pragma once

#include <openwsk/held_attempt.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "host/host.h"
#include "net/linux/listening_socket.h"

namespace owsk::net {

class WaitingLine {
  public:
    std::size_t size() noexcept OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        return waiting_.size();
    }
    void push(AcceptedSocket accepted) noexcept OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        waiting_.push_back(std::move(accepted));
    }
    // The first one for which `has_room(client)`; none if all have to wait on.
    template <typename HasRoom>
    std::optional<AcceptedSocket> take_first(HasRoom has_room) noexcept OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        for (auto next = waiting_.begin(); next != waiting_.end(); ++next) {
            if (has_room(next->remote)) {
                std::optional<AcceptedSocket> taken = std::move(*next);
                waiting_.erase(next);
                return taken;
            }
        }
        return std::nullopt;
    }
    std::deque<AcceptedSocket> take_all() noexcept OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        return std::exchange(waiting_, {});
    }
    // Appends all of them. Any thread.
    void list(std::vector<HeldAttempt>& held, Instant now) OWSK_EXCLUDES(mutex_) {
        const Lock lock(mutex_);
        for (const AcceptedSocket& one : waiting_) {
            held.push_back(
                {one.local, one.remote, "in line, before WskInspectEvent", now - one.since});
        }
    }

  private:
    Mutex mutex_{Rank::gate};
    std::deque<AcceptedSocket> waiting_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
