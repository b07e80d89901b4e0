// SPDX-License-Identifier: MIT
// A verdict that counts goes to the gate at once.
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
    if (life_.accept()) {
        gate_->carry_out_accept(*this);
    }
}

void SimAttempt::reject() noexcept {
    if (life_.reject()) {
        gate_->carry_out_reject(*this);
    }
}

void SimAttempt::on_overdue() noexcept {
    gate_->give_up(*this);
}

}  // namespace owsk::net
