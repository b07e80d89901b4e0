// SPDX-License-Identifier: MIT
// status_name: how an NTSTATUS is shown to people.
#pragma once

#include <ntdef.h>

#include <string>

namespace owsk {

// "STATUS_ACCESS_DENIED", or "status 0xC000FFFF" for a value without a name.
std::string status_name(NTSTATUS status);

}  // namespace owsk
