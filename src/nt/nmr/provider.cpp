// SPDX-License-Identifier: MIT
// What a provider of an interface calls. What the functions do is in registrar.cpp and binding.cpp.
#include <netioddk.h>
#include <wdm.h>

#include "nt/ke/irql.h"
#include "nt/mm/foreign.h"
#include "nt/nmr/checks.h"
#include "nt/system.h"

using namespace owsk::nt;
using owsk::nt::mm::require_memory;
using owsk::nt::nmr::Side;

extern "C" {

// NmrRegisterProvider: make a provider known, and offer it to the clients that are there: their
// ClientAttachProvider is called before the function returns, and that of later ones when they
// come.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the characteristics, and what they point at, until the deregistration is complete
// Returns    STATUS_SUCCESS, whoever has attached; STATUS_INVALID_PARAMETER,
//            STATUS_INSUFFICIENT_RESOURCES
// Docs       nf-netioddk-nmrregisterprovider
NTSTATUS NTAPI NmrRegisterProvider(PNPI_PROVIDER_CHARACTERISTICS ProviderCharacteristics,
                                   PVOID ProviderContext,
                                   PHANDLE NmrProviderHandle) {
    constexpr const char* function = "NmrRegisterProvider";
    ke::require_irql_at_most(PASSIVE_LEVEL, function);
    if (ProviderCharacteristics == nullptr || NmrProviderHandle == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    require_memory(ProviderCharacteristics,
                   sizeof *ProviderCharacteristics,
                   "NPI_PROVIDER_CHARACTERISTICS",
                   function);
    require_memory(NmrProviderHandle, sizeof *NmrProviderHandle, "a HANDLE", function);
    if (ProviderCharacteristics->Version != 0 ||
        ProviderCharacteristics->Length < sizeof *ProviderCharacteristics ||
        ProviderCharacteristics->ProviderAttachClient == nullptr ||
        ProviderCharacteristics->ProviderDetachClient == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    nmr::Registration registration =
        nmr::registration_of(*ProviderCharacteristics, ProviderContext);
    registration.place = __builtin_return_address(0);
    return nmr::enroll(registration, NmrProviderHandle, function);
}

// NmrDeregisterProvider: let the provider be detached from all its clients. The callbacks of both
// sides are called in here; what they leave pending goes on afterwards.
//
// IRQL       <= DISPATCH_LEVEL
// Returns    STATUS_PENDING always; STATUS_INVALID_PARAMETER for a handle that is not a provider's,
//            or was deregistered before
// Docs       nf-netioddk-nmrderegisterprovider
NTSTATUS NTAPI NmrDeregisterProvider(HANDLE NmrProviderHandle) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "NmrDeregisterProvider");
    return System::current().nmr.remove(Side::provider, NmrProviderHandle);
}

// NmrWaitForProviderDeregisterComplete: wait until the provider is detached from all its clients.
// After that its handle is no longer one.
//
// IRQL       < DISPATCH_LEVEL
// Returns    STATUS_SUCCESS; STATUS_INVALID_PARAMETER without NmrDeregisterProvider
// Verifier   waited-in-callback
// Docs       nf-netioddk-nmrwaitforproviderderegistercomplete
NTSTATUS NTAPI NmrWaitForProviderDeregisterComplete(HANDLE NmrProviderHandle) {
    return nmr::wait(Side::provider, NmrProviderHandle, "NmrWaitForProviderDeregisterComplete");
}

// NmrProviderDetachClientComplete: the provider makes no more calls to the client, after its
// ProviderDetachClient has returned STATUS_PENDING or is about to.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   detach-completed-without-pending
// Docs       nf-netioddk-nmrproviderdetachclientcomplete
VOID NTAPI NmrProviderDetachClientComplete(HANDLE NmrBindingHandle) {
    constexpr const char* function = "NmrProviderDetachClientComplete";
    ke::require_irql_at_most(DISPATCH_LEVEL, function);
    System::current().nmr.detach_completed(Side::provider, NmrBindingHandle, function);
}

}  // extern "C"
