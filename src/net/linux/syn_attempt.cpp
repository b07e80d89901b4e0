// SPDX-License-Identifier: MIT
// The screen decides which verdict counts, and the queue carries it out.
#include "net/linux/syn_attempt.h"

#include <utility>

#include "net/linux/syn_screen.h"

namespace owsk::net {

SynAttempt::SynAttempt(std::shared_ptr<SynScreen> screen,
                       SynQueue& queue,
                       const NfQueue::Packet& packet,
                       const Segment& syn,
                       const Address& local,
                       const Address& remote) noexcept
    : screen_(std::move(screen)),
      queue_(queue),
      packet_(packet.id),
      is_from_this_machine_(packet.is_from_this_machine()),
      syn_(syn),
      local_(local),
      remote_(remote) {}

SynAttempt::~SynAttempt() = default;

void SynAttempt::accept() noexcept {
    screen_->decide(*this, State::accepted);
}

void SynAttempt::reject() noexcept {
    screen_->decide(*this, State::rejected);
}

void SynAttempt::carry_out() noexcept {
    screen_->carry_out(*this);
}

}  // namespace owsk::net
