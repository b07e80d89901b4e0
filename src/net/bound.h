// SPDX-License-Identifier: MIT
// BoundTask and BoundTimer: a task and a timer that call a member function of their owner, for
// objects with more than one of them. The call may destroy the owner.
#pragma once

#include "host/host.h"

namespace owsk::net {

template <typename Owner, void (Owner::*method)() noexcept>
class BoundTask final : public host::Task {
  public:
    explicit BoundTask(Owner& owner) noexcept : owner_(owner) {}
    void run() noexcept override { (owner_.*method)(); }

  private:
    Owner& owner_;
};

template <typename Owner, void (Owner::*method)() noexcept>
class BoundTimer final : public host::Timer {
  public:
    explicit BoundTimer(Owner& owner) noexcept : owner_(owner) {}
    void expire() noexcept override { (owner_.*method)(); }

  private:
    Owner& owner_;
};

}  // namespace owsk::net
