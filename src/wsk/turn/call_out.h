// SPDX-License-Identifier: MIT
// call_out: every call of a driver's callback goes through here, so that none is made with a lock
// held, and none comes back at another IRQL unnoticed.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <utility>

#include "base/mutex.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/no_wait.h"

namespace owsk::wsk {

namespace detail {
[[noreturn, gnu::cold, gnu::noinline]] inline void refuse_irql_of_callback(
    const void* callback) noexcept {
    nt::ke::broken_rule(Rule::irql_changed_by_callback,
                        "A WSK event callback returned at a different IRQL from its call. "
                        "Every KeRaiseIrql or KeAcquireSpinLock needs its counterpart.",
                        reinterpret_cast<ULONG_PTR>(callback));
}
}  // namespace detail

template <typename Callback, typename... Arguments>
auto call_out(Callback callback, Arguments&&... arguments) noexcept {
    OWSK_ASSERT(holds_no_lock());
    const KIRQL irql = nt::ke::current_irql();
    const nt::ke::NoWaitScope no_wait("an event callback of WSK");
    pass(Point::call_back);
    const auto result = callback(std::forward<Arguments>(arguments)...);
    pass(Point::call_back);
    if (nt::ke::current_irql() != irql) {
        detail::refuse_irql_of_callback(reinterpret_cast<const void*>(callback));
    }
    return result;
}

// The flag that tells a callback its IRQL; drivers choose their lock functions by it.
inline ULONG dispatch_level_flag() noexcept {
    return nt::ke::current_irql() == DISPATCH_LEVEL ? WSK_FLAG_AT_DISPATCH_LEVEL : 0;
}

}  // namespace owsk::wsk
