// SPDX-License-Identifier: MIT
// A verdict takes effect here and is carried out by the gate.
#include "net/linux/held_attempt.h"

#include <utility>

#include "net/linux/accept_gate.h"

namespace owsk::net {

HeldAttempt::HeldAttempt(AcceptGate& gate,
                         std::shared_ptr<VerdictBox> verdicts,
                         host::UniqueFd fd,
                         const Address& local,
                         const Address& remote,
                         Instant now) noexcept
    : gate_(gate),
      verdicts_(std::move(verdicts)),
      fd_(std::move(fd)),
      local_(local),
      remote_(remote),
      arrived_at_(now) {}

HeldAttempt::State HeldAttempt::state() noexcept {
    const Lock lock(mutex_);
    return state_;
}

bool HeldAttempt::leave_held(State next) noexcept {
    const Lock lock(mutex_);
    if (state_ != State::held) {
        return false;
    }
    state_ = next;
    return true;
}

void HeldAttempt::decide(State verdict) noexcept {
    if (leave_held(verdict)) {
        verdicts_->put(shared_from_this());
    }
}

void HeldAttempt::on_events(std::uint32_t) noexcept {
    gate_.client_left(*this);
}

}  // namespace owsk::net
