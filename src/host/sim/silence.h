// SPDX-License-Identifier: MIT
// Silence: while it lasts, the calling thread passes no points. For what the world itself does on a
// thread that happens to have the turn.
#pragma once

#include <utility>

#include "base/interleave.h"

namespace owsk::host {

class Silence {
  public:
    Silence() noexcept : before_(std::exchange(owsk::detail::interleaver, nullptr)) {}
    ~Silence() { owsk::detail::interleaver = before_; }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    Interleaver* const before_;
};

}  // namespace owsk::host
