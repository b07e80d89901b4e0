// SPDX-License-Identifier: MIT
// The five functions that wsk.h exports. What they do is in registrations.cpp.
#include <wdm.h>
#include <wsk.h>

#include "nt/ke/irql.h"
#include "nt/mm/foreign.h"
#include "wsk/provider/provider.h"

using owsk::nt::mm::require_memory;
using owsk::wsk::Provider;

extern "C" {

// The identifier of the WSK network programming interface, for NpiId members.
const NPIID NPI_WSK_INTERFACE_ID = {
    0x2227E803, 0x8D8B, 0x11D4, {0xAB, 0xAD, 0x00, 0x90, 0x27, 0x71, 0x9E, 0x09}};

// WskRegister: make the caller known to the WSK subsystem.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the WSK_CLIENT_DISPATCH and the block until WskDeregister; the NPI may be on the stack
// Returns    STATUS_SUCCESS, STATUS_INVALID_PARAMETER for NULL pointers,
//            STATUS_INSUFFICIENT_RESOURCES
// Docs       nf-wsk-wskregister
NTSTATUS NTAPI WskRegister(PWSK_CLIENT_NPI WskClientNpi, PWSK_REGISTRATION WskRegistration) {
    owsk::nt::ke::require_irql_at_most(PASSIVE_LEVEL, "WskRegister");
    if (WskClientNpi == nullptr || WskRegistration == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    require_memory(WskClientNpi, sizeof *WskClientNpi, "a WSK_CLIENT_NPI", "WskRegister");
    require_memory(WskRegistration, sizeof *WskRegistration, "a WSK_REGISTRATION", "WskRegister");
    if (WskClientNpi->Dispatch == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    require_memory(WskClientNpi->Dispatch,
                   sizeof(WSK_CLIENT_DISPATCH),
                   "a WSK_CLIENT_DISPATCH",
                   "WskRegister");
    return Provider::current().registrations().enroll(
        *WskClientNpi, WskRegistration, owsk::nt::ke::CallPlace::here());
}

// WskDeregister: the end of a registration. Returns when every captured NPI was released, every
// call and IRP has ended and every socket is closed; says every few seconds what it waits for.
//
// IRQL       PASSIVE_LEVEL
// Verifier   waited-in-callback
// Docs       nf-wsk-wskderegister
VOID NTAPI WskDeregister(PWSK_REGISTRATION WskRegistration) {
    Provider::current().registrations().withdraw(WskRegistration, __builtin_return_address(0));
}

// WskCaptureProviderNPI: get the provider's functions, waiting up to WaitTimeout ms until they are
// available (WSK_NO_WAIT: not at all, WSK_INFINITE_WAIT: as long as it takes).
//
// IRQL       PASSIVE_LEVEL, with WSK_NO_WAIT <= DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_DEVICE_NOT_READY, STATUS_NOINTERFACE
// Verifier   waited-in-callback, if it may wait
// Docs       nf-wsk-wskcaptureprovidernpi
NTSTATUS NTAPI WskCaptureProviderNPI(PWSK_REGISTRATION WskRegistration,
                                     ULONG WaitTimeout,
                                     PWSK_PROVIDER_NPI WskProviderNpi) {
    require_memory(
        WskProviderNpi, sizeof *WskProviderNpi, "a WSK_PROVIDER_NPI", "WskCaptureProviderNPI");
    return Provider::current().registrations().capture(
        WskRegistration, WaitTimeout, WskProviderNpi);
}

// WskReleaseProviderNPI: give back one capture.
//
// IRQL       <= DISPATCH_LEVEL
// Docs       nf-wsk-wskreleaseprovidernpi
VOID NTAPI WskReleaseProviderNPI(PWSK_REGISTRATION WskRegistration) {
    Provider::current().registrations().release(WskRegistration);
}

// WskQueryProviderCharacteristics: which versions of the WSK NPI there are. Never waits.
//
// IRQL       <= DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_DEVICE_NOT_READY
// Docs       nf-wsk-wskqueryprovidercharacteristics
NTSTATUS NTAPI WskQueryProviderCharacteristics(
    PWSK_REGISTRATION WskRegistration, PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics) {
    require_memory(WskProviderCharacteristics,
                   sizeof *WskProviderCharacteristics,
                   "WSK_PROVIDER_CHARACTERISTICS",
                   "WskQueryProviderCharacteristics");
    return Provider::current().registrations().query(WskRegistration, WskProviderCharacteristics);
}

}  // extern "C"
