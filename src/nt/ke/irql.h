// SPDX-License-Identifier: MIT
// The IRQL of the calling thread, and the checks that other files make of it.
#pragma once

#include <wdm.h>

namespace owsk::nt::ke {

KIRQL current_irql() noexcept;
// Without the checks that the Windows functions make: for the executive's own scopes.
void set_irql(KIRQL irql) noexcept;

// Bug checks that name `function`, one of the Windows functions.
void require_irql_at_most(KIRQL max, const char* function) noexcept;
void require_irql_at_least(KIRQL min, const char* function) noexcept;

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
