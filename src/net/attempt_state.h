// SPDX-License-Identifier: MIT
// AttemptState, AttemptLife: what may become of an attempt, at every gate, and which of two things
// counts that happen at the same time.
//
//   held     -> accepted     by a verdict
//            -> rejected     by a verdict; nothing follows
//            -> aborted      its client has gone, or its listener is closed; to be announced
//   accepted -> established  it is a connection; to be announced
//            -> aborted      it will not become one; to be announced
//   aborted  -> rejected     see below
//
// A verdict after an abort. An accept has no effect: the abort is announced, as it would be after
// an accept that came first. A reject counts until the abort is announced, which it then is not:
// nothing follows a reject, whichever of the two was first, and nothing is left to carry out. Once
// the abort is announced no verdict has any effect. Of several verdicts only the first is heard.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::net {

enum class AttemptState : std::uint8_t { held, accepted, rejected, aborted, established };

constexpr bool may_move(AttemptState from, AttemptState to) noexcept {
    switch (from) {
        case AttemptState::held:
            return to == AttemptState::accepted || to == AttemptState::rejected ||
                   to == AttemptState::aborted;
        case AttemptState::accepted:
            return to == AttemptState::established || to == AttemptState::aborted;
        case AttemptState::aborted:
            return to == AttemptState::rejected;
        case AttemptState::rejected:
        case AttemptState::established:
            return false;
    }
    return false;
}

// Any thread may try any move at any time; of those that exclude each other one succeeds.
class AttemptLife {
  public:
    AttemptState state() const noexcept { return now_.load(std::memory_order_acquire).state; }
    bool is_held() const noexcept { return state() == AttemptState::held; }

    // Verdicts. True: it is to be carried out.
    [[nodiscard]] bool accept() noexcept { return judge(AttemptState::accepted); }
    [[nodiscard]] bool reject() noexcept { return judge(AttemptState::rejected); }

    // Its client goes before a verdict. False: something came first.
    [[nodiscard]] bool abort_held() noexcept {
        return move<AttemptState::held, AttemptState::aborted>();
    }
    // It goes, held or accepted. False: it is over already.
    [[nodiscard]] bool abort() noexcept {
        return abort_held() || move<AttemptState::accepted, AttemptState::aborted>();
    }
    // False: it was not accepted, or is over.
    [[nodiscard]] bool establish() noexcept {
        return move<AttemptState::accepted, AttemptState::established>();
    }

    // Right before an abort is announced. False: nobody is to be told.
    [[nodiscard]] bool announce_abort() noexcept {
        Now now = now_.load(std::memory_order_acquire);
        while (now.state == AttemptState::aborted) {
            if (now_.compare_exchange_weak(now, {.state = now.state, .is_judged = true})) {
                return true;
            }
        }
        return false;
    }

  private:
    // Aligned as a whole: clang calls a library for an atomic type that it cannot load at once.
    struct alignas(2) Now {
        AttemptState state;
        bool is_judged;  // the verdict has come, or it is too late for one
    };

    bool judge(AttemptState verdict) noexcept {
        Now now = now_.load(std::memory_order_acquire);
        while (!now.is_judged) {
            const AttemptState next = may_move(now.state, verdict) ? verdict : now.state;
            if (now_.compare_exchange_weak(now, {.state = next, .is_judged = true})) {
                return now.state == AttemptState::held;
            }
        }
        return false;
    }
    template <AttemptState from, AttemptState to>
    requires(may_move(from, to)) bool move() noexcept {
        Now now = {.state = from, .is_judged = from != AttemptState::held};
        return now_.compare_exchange_strong(now, {.state = to, .is_judged = now.is_judged});
    }

    static_assert(std::atomic<Now>::is_always_lock_free);
    std::atomic<Now> now_ = Now{.state = AttemptState::held, .is_judged = false};
};

}  // namespace owsk::net
