// SPDX-License-Identifier: MIT
// The choice of each call.
#include "wsk/request/completion_policy.h"

#include <chrono>
#include <iterator>

#include "base/prng.h"

namespace owsk::wsk {

namespace {

// One turn in so many is put off, for up to so long: a client answers sooner.
constexpr std::uint64_t put_off_every = 8;
constexpr std::uint64_t delay_max_us = 20'000;

}  // namespace

// The n-th call of a run gets the n-th choice of the seed.
std::uint64_t CompletionPolicy::next_choice() noexcept {
    return Prng(seed_ + choices_.fetch_add(1, std::memory_order_relaxed)).next();
}

Duration CompletionPolicy::delay() noexcept {
    const std::uint64_t choice = next_choice();
    return choice % put_off_every == 0
               ? std::chrono::microseconds(choice / put_off_every % delay_max_us)
               : Duration::zero();
}

CompletionMode CompletionPolicy::choose_by_seed(Operation operation) noexcept {
    CompletionMode mode = mode_;
    if (mode == CompletionMode::mixed || mode == CompletionMode::hostile) {
        constexpr CompletionMode modes[] = {
            CompletionMode::windows, CompletionMode::immediate, CompletionMode::deferred};
        mode = modes[next_choice() % std::size(modes)];
    }
    if (faults_.strikes(Fault::late_completion)) {
        return CompletionMode::deferred;
    }
    return mode == CompletionMode::windows ? as_windows(operation) : mode;
}

}  // namespace owsk::wsk
