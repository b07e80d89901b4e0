// SPDX-License-Identifier: MIT
// The filter is fixed: there is no kernel debugger that could change it.
#include "nt/dbg/filter.h"

#include <wdm.h>

namespace owsk::nt::dbg {

namespace {

bool is_driver(ULONG component) noexcept {
    return (component >= DPFLTR_IHVDRIVER_ID && component <= DPFLTR_IHVBUS_ID) ||
           component == DPFLTR_DEFAULT_ID;
}

}  // namespace

bool is_shown(ULONG component, ULONG level) noexcept {
    constexpr ULONG shown = 1U << DPFLTR_ERROR_LEVEL | 1U << DPFLTR_WARNING_LEVEL;
    const ULONG levels = level < 32 ? 1U << level : level;
    return is_driver(component) || (levels & shown) != 0;
}

}  // namespace owsk::nt::dbg
