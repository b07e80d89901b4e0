// SPDX-License-Identifier: MIT
// What a security descriptor says of the one security context there is: that of the process System,
// in which all drivers of a machine run.
#pragma once

#include <wdm.h>

namespace owsk::nt::se {

// Whether somebody who is the system, an administrator, an authenticated user and everyone may do
// anything at all. Precondition: the descriptor is well formed.
bool grants_system(PSECURITY_DESCRIPTOR descriptor) noexcept;

}  // namespace owsk::nt::se
