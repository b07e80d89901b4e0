// SPDX-License-Identifier: MIT
// SynRhythm: when a client that waits repeats its SYN. The one rule, for every gate, by which
// silence tells that a client has gone.
#pragma once

#include "base/time.h"

namespace owsk::net {

// A client doubles its waits (RFC 6298), some only after a few equal ones: after a gap the next SYN
// comes two gaps later at most, and if that is lost, the one behind it six. The longest gap counts,
// since a copy of a SYN may come right behind it. A lost SYN makes a gap look longer than it is,
// which costs time and no client.
class SynRhythm {
  public:
    // `first_gap`: the longest that the client waits before it repeats its first SYN. Most wait 1 s
    // (RFC 6298), older ones 3 s (RFC 1122).
    explicit SynRhythm(Instant first_syn, Duration first_gap = std::chrono::seconds(3)) noexcept;

    // The same SYN came again.
    void repeat(Instant now) noexcept;

    Instant last_syn() const noexcept { return last_syn_; }
    // The next SYN should have come by then if none is lost on the way.
    Instant late() const noexcept;
    // So many should have come by then that a client that still waits would have got one through.
    Instant overdue() const noexcept;

  private:
    Duration first_gap_;
    Duration longest_gap_{0};
    Instant last_syn_;
};

}  // namespace owsk::net
