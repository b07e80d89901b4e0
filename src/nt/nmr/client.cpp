// SPDX-License-Identifier: MIT
// What a client of an interface calls. What the functions do is in registrar.cpp and binding.cpp.
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

// NmrRegisterClient: make a client known, and let it attach to the providers that are there: its
// ClientAttachProvider is called before the function returns, and for later ones when they come.
//
// IRQL       PASSIVE_LEVEL
// Keeps      the characteristics, and what they point at, until the deregistration is complete
// Returns    STATUS_SUCCESS, whoever has attached; STATUS_INVALID_PARAMETER,
//            STATUS_INSUFFICIENT_RESOURCES
// Docs       nf-netioddk-nmrregisterclient
NTSTATUS NTAPI NmrRegisterClient(PNPI_CLIENT_CHARACTERISTICS ClientCharacteristics,
                                 PVOID ClientContext,
                                 PHANDLE NmrClientHandle) {
    constexpr const char* function = "NmrRegisterClient";
    ke::require_irql_at_most(PASSIVE_LEVEL, function);
    if (ClientCharacteristics == nullptr || NmrClientHandle == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    require_memory(ClientCharacteristics,
                   sizeof *ClientCharacteristics,
                   "NPI_CLIENT_CHARACTERISTICS",
                   function);
    require_memory(NmrClientHandle, sizeof *NmrClientHandle, "a HANDLE", function);
    if (ClientCharacteristics->Version != 0 ||
        ClientCharacteristics->Length < sizeof *ClientCharacteristics ||
        ClientCharacteristics->ClientAttachProvider == nullptr ||
        ClientCharacteristics->ClientDetachProvider == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    nmr::Registration registration = nmr::registration_of(*ClientCharacteristics, ClientContext);
    registration.place = __builtin_return_address(0);
    return nmr::enroll(registration, NmrClientHandle, function);
}

// NmrDeregisterClient: let the client be detached from all its providers. The callbacks of both
// sides are called in here; what they leave pending goes on afterwards.
//
// IRQL       <= DISPATCH_LEVEL
// Returns    STATUS_PENDING always; STATUS_INVALID_PARAMETER for a handle that is not a client's,
//            or was deregistered before
// Docs       nf-netioddk-nmrderegisterclient
NTSTATUS NTAPI NmrDeregisterClient(HANDLE NmrClientHandle) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "NmrDeregisterClient");
    return System::current().nmr.remove(Side::client, NmrClientHandle);
}

// NmrWaitForClientDeregisterComplete: wait until the client is detached from all its providers.
// After that its handle is no longer one.
//
// IRQL       < DISPATCH_LEVEL
// Returns    STATUS_SUCCESS; STATUS_INVALID_PARAMETER without NmrDeregisterClient
// Verifier   waited-in-callback
// Docs       nf-netioddk-nmrwaitforclientderegistercomplete
NTSTATUS NTAPI NmrWaitForClientDeregisterComplete(HANDLE NmrClientHandle) {
    return nmr::wait(Side::client, NmrClientHandle, "NmrWaitForClientDeregisterComplete");
}

// NmrClientAttachProvider: inside ClientAttachProvider, attach to the provider of the binding. It
// may be called again, with another dispatch table, if the provider has refused.
//
// IRQL       PASSIVE_LEVEL
// Returns    what ProviderAttachClient returns: STATUS_SUCCESS, STATUS_NOINTERFACE;
//            STATUS_DEVICE_NOT_READY if one of them is just leaving; STATUS_INVALID_PARAMETER
//            outside ClientAttachProvider, or when it has succeeded before
// Docs       nf-netioddk-nmrclientattachprovider
NTSTATUS NTAPI NmrClientAttachProvider(HANDLE NmrBindingHandle,
                                       PVOID ClientBindingContext,
                                       CONST VOID* ClientDispatch,
                                       PVOID* ProviderBindingContext,
                                       CONST VOID** ProviderDispatch) {
    constexpr const char* function = "NmrClientAttachProvider";
    ke::require_irql_at_most(PASSIVE_LEVEL, function);
    require_memory(ProviderBindingContext, sizeof(PVOID), "a ProviderBindingContext", function);
    require_memory(ProviderDispatch, sizeof(PVOID), "a ProviderDispatch", function);
    return System::current().nmr.attach(NmrBindingHandle,
                                        ClientBindingContext,
                                        ClientDispatch,
                                        ProviderBindingContext,
                                        ProviderDispatch);
}

// NmrClientDetachProviderComplete: the client makes no more calls to the provider, after its
// ClientDetachProvider has returned STATUS_PENDING or is about to.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   detach-completed-without-pending
// Docs       nf-netioddk-nmrclientdetachprovidercomplete
VOID NTAPI NmrClientDetachProviderComplete(HANDLE NmrBindingHandle) {
    constexpr const char* function = "NmrClientDetachProviderComplete";
    ke::require_irql_at_most(DISPATCH_LEVEL, function);
    System::current().nmr.detach_completed(Side::client, NmrBindingHandle, function);
}

}  // extern "C"
