// SPDX-License-Identifier: MIT
// HeldAttempt: a request at the accept gate. Its connection is established by the kernel already
// and sits idle until the verdict; what the client sends waits unread.
#pragma once

#include <cstddef>
#include <memory>

#include "base/mutex.h"
#include "host/linux/unique_fd.h"
#include "host/linux/watch.h"
#include "net/attempt.h"
#include "net/linux/verdict_box.h"

namespace owsk::net {

class AcceptGate;

class HeldAttempt final : public ConnectionAttempt,
                          public host::Watch,
                          public std::enable_shared_from_this<HeldAttempt> {
  public:
    enum class State : std::uint8_t { held, accepted, rejected, aborted };

    HeldAttempt(AcceptGate& gate,
                std::shared_ptr<VerdictBox> verdicts,
                host::UniqueFd fd,
                const Address& local,
                const Address& remote,
                Instant now) noexcept;

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return arrived_at_; }
    void accept() noexcept override { decide(State::accepted); }
    void reject() noexcept override { decide(State::rejected); }

    State state() noexcept OWSK_EXCLUDES(mutex_);
    // False if something else came first.
    bool leave_held(State next) noexcept OWSK_EXCLUDES(mutex_);

  private:
    // The gate keeps what follows, and uses it only on its processor.
    friend class AcceptGate;

    void decide(State verdict) noexcept;
    void on_events(std::uint32_t events) noexcept override;

    AcceptGate& gate_;  // only while the gate lists this attempt
    const std::shared_ptr<VerdictBox> verdicts_;
    host::UniqueFd fd_;
    const Address local_;
    const Address remote_;
    const Instant arrived_at_;
    std::size_t place_ = 0;
    bool watched_ = false;
    bool accepted_at_once_ = false;
    bool has_share_ = false;  // among those of its client that are held

    Mutex mutex_{Rank::attempt};
    State state_ OWSK_GUARDED_BY(mutex_) = State::held;
};

}  // namespace owsk::net
