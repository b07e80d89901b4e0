// SPDX-License-Identifier: MIT
// A verdict goes to the gate at once, unless something came first.
#include "net/sim/sim_attempt.h"

#include "net/sim/sim_gate.h"

namespace owsk::net {

SimAttempt::SimAttempt(
    SimGate& gate, const TcpSegment& syn, const Address& local, const Address& remote, Instant now)
    : gate_(&gate),
      syn_(syn),
      flow_(syn.destination, syn.source),
      local_(local),
      remote_(remote),
      arrived_at_(now),
      rhythm_(now) {}

void SimAttempt::accept() noexcept {
    if (state_ == State::held) {
        gate_->carry_out_accept(*this);
    }
}

void SimAttempt::reject() noexcept {
    if (state_ == State::held) {
        gate_->carry_out_reject(*this);
    } else if (state_ == State::aborted) {
        // Nothing follows a reject, so an announcement that is still to come does not.
        state_ = State::rejected;
    }
}

void SimAttempt::on_overdue() noexcept {
    gate_->give_up(*this);
}

}  // namespace owsk::net
