// SPDX-License-Identifier: MIT
// What the functions of both sides have in common before the registrar acts.
#pragma once

#include "nt/nmr/module.h"

namespace owsk::nt::nmr {

// NmrRegisterClient and NmrRegisterProvider, once the characteristics are known to be some.
NTSTATUS enroll(const Registration& registration, HANDLE* handle, const char* function);

// NmrWaitForClientDeregisterComplete and NmrWaitForProviderDeregisterComplete.
NTSTATUS wait(Side side, HANDLE handle, const char* function);

}  // namespace owsk::nt::nmr
