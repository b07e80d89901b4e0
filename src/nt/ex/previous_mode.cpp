// SPDX-License-Identifier: MIT
// ExGetPreviousMode: who made the current request.
#include <wdm.h>

// ExGetPreviousMode: KernelMode, since no request comes from a user.
//
// IRQL       any
extern "C" KPROCESSOR_MODE NTAPI ExGetPreviousMode(VOID) {
    return KernelMode;
}
