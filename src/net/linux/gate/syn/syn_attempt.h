// SPDX-License-Identifier: MIT
// SynAttempt: an attempt at the SYN gate, as whoever judges it has it: what never changes, and what
// has become of it. Its SYN waits in a queue of the kernel until the verdict, so that the client is
// still connecting. What the gate knows besides is a SynRecord of the screen.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "net/attempt.h"
#include "net/attempt_state.h"
#include "net/flow.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {

class SynScreen;

class SynAttempt final : public ConnectionAttempt {
  public:
    // `local` and `remote` as the listener's sockets show them.
    SynAttempt(std::shared_ptr<SynScreen> screen,
               const Segment& syn,
               const Address& local,
               const Address& remote,
               Instant now,
               std::uint64_t listeners_version) noexcept;
    ~SynAttempt() override;

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return arrived_at_; }
    void accept() noexcept override;
    void reject() noexcept override;

    const Segment& syn() const noexcept { return syn_; }
    Flow flow() const noexcept { return flow_on_link(syn_.destination, syn_.source); }
    // Of the listeners, when it was asked about.
    std::uint64_t listeners_version() const noexcept { return listeners_version_; }
    AttemptState state() const noexcept { return life_.state(); }
    // Moved by the screen, under its lock.
    AttemptLife& life() noexcept { return life_; }

  private:
    const std::shared_ptr<SynScreen> screen_;
    const Segment syn_;
    const Address local_;
    const Address remote_;
    const Instant arrived_at_;
    const std::uint64_t listeners_version_;
    AttemptLife life_;
};

}  // namespace owsk::net
