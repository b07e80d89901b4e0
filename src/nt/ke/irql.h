// SPDX-License-Identifier: MIT
// The IRQL of the calling thread, and the checks that other files make of it. Each spin lock takes
// several looks, so these are inline, and only what they refuse is elsewhere.
#pragma once

#include <wdm.h>

#include "nt/ke/processor.h"

namespace owsk::nt::ke {

namespace detail {
inline constinit thread_local KIRQL irql = PASSIVE_LEVEL;
[[noreturn]] void refuse_irql_above(KIRQL max, const char* function) noexcept;
[[noreturn]] void refuse_irql_below(KIRQL min, const char* function) noexcept;
[[noreturn]] void refuse_to_lower_irql(KIRQL wanted) noexcept;
}  // namespace detail

inline KIRQL current_irql() noexcept {
    return detail::irql;
}
// Without the checks that the Windows functions make: for the executive's own scopes. A thread at
// DISPATCH_LEVEL or above has a processor for itself; it waits here until there is one.
inline void set_irql(KIRQL irql) noexcept {
    const bool was_raised = detail::irql >= DISPATCH_LEVEL;
    const bool is_raised = irql >= DISPATCH_LEVEL;
    if (was_raised != is_raised && !is_processor_thread()) {
        is_raised ? enter_processor() : leave_processor();
    }
    detail::irql = irql;
}

// Bug checks that name `function`, one of the Windows functions.
inline void require_irql_at_most(KIRQL max, const char* function) noexcept {
    if (current_irql() > max) {
        detail::refuse_irql_above(max, function);
    }
}
inline void require_irql_at_least(KIRQL min, const char* function) noexcept {
    if (current_irql() < min) {
        detail::refuse_irql_below(min, function);
    }
}

// With the checks of KeLowerIrql.
inline void lower_irql(KIRQL wanted) noexcept {
    if (wanted > current_irql() || (wanted < DISPATCH_LEVEL && is_processor_thread())) {
        detail::refuse_to_lower_irql(wanted);
    }
    set_irql(wanted);
}

// Runs a scope at `irql`, which is not lower than the current one.
class IrqlScope {
  public:
    explicit IrqlScope(KIRQL irql) noexcept : previous_(current_irql()) { set_irql(irql); }
    ~IrqlScope() { set_irql(previous_); }
    IrqlScope(const IrqlScope&) = delete;
    IrqlScope& operator=(const IrqlScope&) = delete;

  private:
    const KIRQL previous_;
};

}  // namespace owsk::nt::ke
