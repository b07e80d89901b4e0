// SPDX-License-Identifier: MIT
// RoundTrip: how long to wait for an acknowledgment (RFC 6298, with the bounds of Linux).
#pragma once

#include "base/time.h"

namespace owsk::net {

class RoundTrip {
  public:
    // The acknowledgment of a segment that was sent once took this long.
    void sample(Duration taken) noexcept;
    // After `retries` retransmissions without an answer.
    Duration timeout(int retries) const noexcept;

  private:
    Duration smoothed_{0};
    Duration variation_{0};
};

}  // namespace owsk::net
