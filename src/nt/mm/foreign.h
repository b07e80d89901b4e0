// SPDX-License-Identifier: MIT
// Pointers that a driver has passed in, looked at before they are followed: the report names the
// call that was given the pointer, not the place deep inside that would have met nothing.
#pragma once

#include <ntdef.h>

#include "host/readable.h"

namespace owsk::nt::mm {

// The rule wild-pointer-passed: `function` was given `what` ("a WSK_BUF"), and there is no memory.
[[noreturn]] void refuse_wild_pointer(const void* pointer,
                                      const char* what,
                                      const char* function) noexcept;

// A few instructions, unless the thread sees the page for the first time.
inline void require_memory(const void* pointer,
                           SIZE_T size,
                           const char* what,
                           const char* function) noexcept {
    if (!host::is_readable(pointer, size)) {
        refuse_wild_pointer(pointer, what, function);
    }
}

}  // namespace owsk::nt::mm
