// SPDX-License-Identifier: MIT
// FaultyAttempt: an attempt that goes away when it is told to.
#pragma once

#include <openwsk/faults.h>

#include <memory>
#include <utility>

#include "host/host.h"
#include "net/attempt.h"
#include "net/attempt_state.h"

namespace owsk::net {

class FaultyAttempt;

// Who hears of the end of an attempt: its listener, on the listener's processor.
class AttemptOwner {
  public:
    virtual void on_dropped(FaultyAttempt& attempt) noexcept = 0;
    // From any thread: nothing follows.
    virtual void on_rejected(FaultyAttempt& attempt) noexcept = 0;

  protected:
    ~AttemptOwner() = default;
};

class FaultyAttempt final : public ConnectionAttempt,
                            public std::enable_shared_from_this<FaultyAttempt> {
  public:
    FaultyAttempt(std::shared_ptr<ConnectionAttempt> inner,
                  Faults& faults,
                  host::Processor& processor,
                  AttemptOwner& owner) noexcept
        : inner_(std::move(inner)), faults_(faults), processor_(processor), owner_(owner) {}

    ConnectionAttempt& inner() const noexcept { return *inner_; }

    const Address& local_address() const noexcept override { return inner_->local_address(); }
    const Address& remote_address() const noexcept override { return inner_->remote_address(); }
    Instant arrived_at() const noexcept override { return inner_->arrived_at(); }
    void accept() noexcept override;
    void reject() noexcept override;

    AttemptLife& life() noexcept { return life_; }
    // The client goes away, if nobody has decided yet. False: somebody has. The owner is not told.
    bool leave() noexcept;
    // Looks, after whatever the processor has to do now, whether Fault::drop_pended strikes.
    void look_later() noexcept;

  private:
    // Runs once; keeps the attempt alive until then.
    class Later final : public host::Task {
      public:
        Later(FaultyAttempt& attempt, void (FaultyAttempt::*what)() noexcept) noexcept
            : attempt_(attempt), what_(what) {}
        void post() noexcept;
        void run() noexcept override;

      private:
        FaultyAttempt& attempt_;
        void (FaultyAttempt::*const what_)() noexcept;
        std::shared_ptr<FaultyAttempt> kept_;
    };

    void look() noexcept;
    void tell_owner() noexcept;

    const std::shared_ptr<ConnectionAttempt> inner_;
    Faults& faults_;
    host::Processor& processor_;
    AttemptOwner& owner_;
    AttemptLife life_;
    Later look_{*this, &FaultyAttempt::look};
    Later tell_{*this, &FaultyAttempt::tell_owner};
};

}  // namespace owsk::net
