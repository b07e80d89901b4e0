// SPDX-License-Identifier: MIT
// SimAttempt: an attempt at the simulated gate. Its SYN is kept and not answered until the verdict.
#pragma once

#include <cstddef>
#include <memory>

#include "net/attempt.h"
#include "net/attempt_state.h"
#include "net/bound.h"
#include "net/flow.h"
#include "net/sim/tcp/tcb.h"
#include "net/syn_rhythm.h"

namespace owsk::net {

class SimGate;

class SimAttempt final : public ConnectionAttempt {
  public:
    // Addresses as the listener shows them.
    SimAttempt(SimGate& gate,
               const TcpSegment& syn,
               const Address& local,
               const Address& remote,
               Instant now);

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return arrived_at_; }
    void accept() noexcept override;
    void reject() noexcept override;

  private:
    // Keeps what follows, and outlives the states held and accepted.
    friend class SimGate;

    void on_overdue() noexcept;

    SimGate* const gate_;
    const TcpSegment syn_;
    const Flow flow_;
    const Address local_;
    const Address remote_;
    const Instant arrived_at_;
    AttemptLife life_;
    bool was_shown_ = false;
    std::size_t place_ = 0;
    std::shared_ptr<Tcb> tcb_;  // while it is accepted

    // The client repeats its SYN. If that does not come, the client has gone.
    SynRhythm rhythm_;
    BoundTimer<SimAttempt, &SimAttempt::on_overdue> overdue_{*this};
};

}  // namespace owsk::net
