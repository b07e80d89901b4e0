// SPDX-License-Identifier: MIT
// What a driver is told that asks for Driver Verifier. The rules here are always checked; a driver
// that behaves otherwise under the verifier is not meant to see it.
#include <wdm.h>

// MmIsVerifierEnabled: STATUS_SUCCESS with the flags, or an error when it is off.
extern "C" NTSTATUS NTAPI MmIsVerifierEnabled(PULONG VerifierFlags) {
    *VerifierFlags = 0;
    return STATUS_NOT_SUPPORTED;
}

// MmIsDriverVerifyingByAddress: nonzero if the verifier looks after the driver at that address.
extern "C" LOGICAL NTAPI MmIsDriverVerifyingByAddress(PVOID AddressWithinSection) {
    UNREFERENCED_PARAMETER(AddressWithinSection);
    return FALSE;
}
