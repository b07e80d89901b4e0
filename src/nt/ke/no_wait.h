// SPDX-License-Identifier: MIT
// NoWaitScope: a routine of the driver runs on behalf of a service that cannot go on before it has
// returned. Such a routine must not wait, at whatever IRQL it happens to run.
#pragma once

namespace owsk::nt::ke {

namespace detail {
inline constinit thread_local const char* routine_that_must_not_wait = nullptr;
[[noreturn]] void refuse_to_wait(const char* function) noexcept;
}  // namespace detail

class NoWaitScope {
  public:
    // `routine` as reports name it, "a callback"; it lives as long as the program.
    explicit NoWaitScope(const char* routine) noexcept
        : outer_(detail::routine_that_must_not_wait) {
        detail::routine_that_must_not_wait = routine;
    }
    ~NoWaitScope() { detail::routine_that_must_not_wait = outer_; }
    NoWaitScope(const NoWaitScope&) = delete;
    NoWaitScope& operator=(const NoWaitScope&) = delete;

  private:
    const char* const outer_;
};

inline bool must_not_wait() noexcept {
    return detail::routine_that_must_not_wait != nullptr;
}

// A bug check that names `function`, inside a NoWaitScope: for functions that may have to wait for
// the end of what calls such routines, so that they are told although nothing is there to wait for.
inline void require_may_block(const char* function) noexcept {
    if (must_not_wait()) {
        detail::refuse_to_wait(function);
    }
}

}  // namespace owsk::nt::ke
