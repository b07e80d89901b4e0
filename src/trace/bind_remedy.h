// SPDX-License-Identifier: MIT
// bind_remedy: what to do about an address that could not be bound.
#pragma once

#include <ntdef.h>

namespace owsk::trace {

// What is in the way and how to get past it; empty if the status itself says all there is.
const char* bind_remedy(NTSTATUS status) noexcept;

}  // namespace owsk::trace
