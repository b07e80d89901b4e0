// SPDX-License-Identifier: MIT
// CompletionPolicy: when requests complete that could complete in their call, as the machine wants.
#pragma once

#include <openwsk/completion_mode.h>
#include <openwsk/faults.h>

#include <atomic>
#include <cstdint>

#include "base/time.h"
#include "wsk/request/operation.h"

namespace owsk::wsk {

class CompletionPolicy {
  public:
    // `seed`: of CompletionMode::mixed and hostile.
    CompletionPolicy(CompletionMode mode, std::uint64_t seed, Faults& faults) noexcept
        : mode_(mode), seed_(seed), faults_(faults) {}

    // How the call being made is to complete its request; one of the first three modes. Control
    // operations complete as documented where Windows shows nothing else.
    CompletionMode choose(Operation operation) noexcept {
        return mode_ == CompletionMode::windows && !faults_.is_set(Fault::late_completion)
                   ? as_windows(operation)
                   : choose_by_seed(operation);
    }
    // Whether each role of a socket has a turn of its own.
    bool separates_roles() const noexcept { return mode_ == CompletionMode::hostile; }
    // How long such a turn is put off; nearly always not at all.
    Duration delay() noexcept;

  private:
    static CompletionMode as_windows(Operation operation) noexcept {
        const bool control = operation == Operation::control ||
                             operation == Operation::query_address ||
                             operation == Operation::inspect;
        return control ? CompletionMode::immediate : CompletionMode::windows;
    }
    CompletionMode choose_by_seed(Operation operation) noexcept;
    std::uint64_t next_choice() noexcept;

    const CompletionMode mode_;
    const std::uint64_t seed_;
    Faults& faults_;
    std::atomic<std::uint64_t> choices_ = 0;
};

}  // namespace owsk::wsk
