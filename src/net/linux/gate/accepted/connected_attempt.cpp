// SPDX-License-Identifier: MIT
// A verdict takes effect here and is carried out by the gate.
#include "net/linux/gate/accepted/connected_attempt.h"

#include <utility>

#include "net/linux/gate/accepted/accepted_gate.h"

namespace owsk::net {

ConnectedAttempt::ConnectedAttempt(AcceptedGate& gate,
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

void ConnectedAttempt::accept() noexcept {
    if (life_.accept()) {
        verdicts_->put(shared_from_this());
    }
}

void ConnectedAttempt::reject() noexcept {
    if (life_.reject()) {
        verdicts_->put(shared_from_this());
    }
}

void ConnectedAttempt::on_events(std::uint32_t) noexcept {
    gate_.client_left(*this);
}

}  // namespace owsk::net
