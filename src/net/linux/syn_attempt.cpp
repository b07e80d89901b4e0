// SPDX-License-Identifier: MIT
// The screen decides which verdict counts, and the queue carries it out.
#include "net/linux/syn_attempt.h"

#include <utility>

#include "net/linux/syn_screen.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Linux repeats its first SYN after 1 s, and on loopback none is lost.
constexpr Duration first_gap_here = 1s;
constexpr Duration first_gap_elsewhere = 3s;

}  // namespace

SynAttempt::SynAttempt(std::shared_ptr<SynScreen> screen,
                       SynQueue& queue,
                       const NfQueue::Packet& packet,
                       const Segment& syn,
                       const Address& local,
                       const Address& remote,
                       Instant now) noexcept
    : screen_(std::move(screen)),
      neighbour_(packet.neighbour),
      syn_(syn),
      local_(local),
      remote_(remote),
      arrived_at_(now),
      queue_(&queue),
      packet_(packet.id),
      copy_(packet.bytes),
      rhythm_(now, neighbour_.is_this_machine() ? first_gap_here : first_gap_elsewhere) {}

SynAttempt::~SynAttempt() = default;

Segment SynAttempt::syn_as_sent() const noexcept {
    Segment syn = syn_;
    syn.destination = addressed_.value_or(syn_.destination);
    return syn;
}

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
