// SPDX-License-Identifier: MIT
// The one place where an errno becomes an NTSTATUS.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>

namespace owsk::net {

// Precondition: `error` is an errno, not 0.
NTSTATUS status_from_errno(int error) noexcept;

}  // namespace owsk::net
