// SPDX-License-Identifier: MIT
// The screen decides whether a verdict counts.
#include "net/linux/gate/syn/syn_attempt.h"

#include <utility>

#include "net/linux/gate/syn/syn_screen.h"

namespace owsk::net {

SynAttempt::SynAttempt(std::shared_ptr<SynScreen> screen,
                       const Segment& syn,
                       const Address& local,
                       const Address& remote,
                       Instant now,
                       std::uint64_t listeners_version) noexcept
    : screen_(std::move(screen)),
      syn_(syn),
      local_(local),
      remote_(remote),
      arrived_at_(now),
      listeners_version_(listeners_version) {}

SynAttempt::~SynAttempt() = default;

void SynAttempt::accept() noexcept {
    screen_->accept(*this);
}

void SynAttempt::reject() noexcept {
    screen_->reject(*this);
}

}  // namespace owsk::net
