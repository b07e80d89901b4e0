// SPDX-License-Identifier: MIT
// ConnectedAttempt: an attempt at the accepted gate. The kernel has established its connection,
// which sits idle until the verdict; what the client sends waits unread.
#pragma once

#include <cstddef>
#include <memory>

#include "host/linux/unique_fd.h"
#include "host/linux/watch.h"
#include "net/attempt.h"
#include "net/attempt_state.h"
#include "net/linux/gate/accepted/verdict_box.h"

namespace owsk::net {

class AcceptedGate;

class ConnectedAttempt final : public ConnectionAttempt,
                               public host::Watch,
                               public std::enable_shared_from_this<ConnectedAttempt> {
  public:
    ConnectedAttempt(AcceptedGate& gate,
                     std::shared_ptr<VerdictBox> verdicts,
                     host::UniqueFd fd,
                     const Address& local,
                     const Address& remote,
                     Instant now) noexcept;

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return arrived_at_; }
    void accept() noexcept override;
    void reject() noexcept override;

    AttemptLife& life() noexcept { return life_; }

  private:
    // The gate keeps what follows, and uses it only on its processor.
    friend class AcceptedGate;

    void on_events(std::uint32_t events) noexcept override;

    AcceptedGate& gate_;  // only while the gate lists this attempt
    const std::shared_ptr<VerdictBox> verdicts_;
    host::UniqueFd fd_;
    const Address local_;
    const Address remote_;
    const Instant arrived_at_;
    AttemptLife life_;  // whoever judges moves it, too
    std::size_t place_ = 0;
    bool watched_ = false;
    bool accepted_at_once_ = false;
    bool has_share_ = false;  // among those of its client that are held
};

}  // namespace owsk::net
