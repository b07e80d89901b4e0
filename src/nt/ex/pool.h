// SPDX-License-Identifier: MIT
// Plain pool blocks, for the other files of this folder that hand them out.
#pragma once

#include <wdm.h>

namespace owsk::nt::ex {

// Null when there is no memory. `caller` is the place that a leak report will name, `function` the
// Windows function that a bug check will: paged pool cannot be had at DISPATCH_LEVEL.
void* allocate_pool(
    POOL_TYPE type, SIZE_T size, ULONG tag, const void* caller, const char* function) noexcept;

}  // namespace owsk::nt::ex
