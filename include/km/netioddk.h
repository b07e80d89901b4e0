/* SPDX-License-Identifier: MIT */
/* Network Module Registrar (NMR) interface; mirrors the WDK's header netioddk.h.
 *
 * The NMR brings clients and providers of a network programming interface (NPI) together. A Winsock
 * Kernel application normally uses WskRegister instead; attaching through the NMR works as well. */
#ifndef OWSK_KM_NETIODDK_H
#define OWSK_KM_NETIODDK_H

#include <ntdef.h>
#include <netiodef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Describes one registered module: which interface, which module, and what it offers. */
typedef struct _NPI_REGISTRATION_INSTANCE {
  USHORT Version;
  USHORT Size;
  PNPIID NpiId;
  PNPI_MODULEID ModuleId;
  ULONG Number;
  CONST VOID *NpiSpecificCharacteristics;
} NPI_REGISTRATION_INSTANCE;
typedef CONST NPI_REGISTRATION_INSTANCE *PNPI_REGISTRATION_INSTANCE;

C_ASSERT(sizeof(NPI_REGISTRATION_INSTANCE) == 40);
C_ASSERT(offsetof(NPI_REGISTRATION_INSTANCE, Size) == 2);
C_ASSERT(offsetof(NPI_REGISTRATION_INSTANCE, NpiId) == 8);
C_ASSERT(offsetof(NPI_REGISTRATION_INSTANCE, ModuleId) == 16);
C_ASSERT(offsetof(NPI_REGISTRATION_INSTANCE, Number) == 24);
C_ASSERT(offsetof(NPI_REGISTRATION_INSTANCE, NpiSpecificCharacteristics) == 32);

/* ---- Client callbacks ----------------------------------------------------------------------- */

/* A provider of the client's interface is there; the client attaches by NmrClientAttachProvider or
 * declines. PASSIVE_LEVEL. Documentation: nc-netioddk-npi_client_attach_provider_fn. */
typedef NTSTATUS(NTAPI NPI_CLIENT_ATTACH_PROVIDER_FN)(
    HANDLE NmrBindingHandle, PVOID ClientContext,
    PNPI_REGISTRATION_INSTANCE ProviderRegistrationInstance);
typedef NPI_CLIENT_ATTACH_PROVIDER_FN *PNPI_CLIENT_ATTACH_PROVIDER_FN;

/* The binding ends; STATUS_PENDING announces NmrClientDetachProviderComplete. IRQL <=
 * DISPATCH_LEVEL. Documentation: nc-netioddk-npi_client_detach_provider_fn. */
typedef NTSTATUS(NTAPI NPI_CLIENT_DETACH_PROVIDER_FN)(PVOID ClientBindingContext);
typedef NPI_CLIENT_DETACH_PROVIDER_FN *PNPI_CLIENT_DETACH_PROVIDER_FN;

/* Both sides have detached; the client frees its binding context. IRQL <= DISPATCH_LEVEL.
 * Documentation: nc-netioddk-npi_client_cleanup_binding_context_fn. */
typedef VOID(NTAPI NPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN)(PVOID ClientBindingContext);
typedef NPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN *PNPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN;

typedef struct _NPI_CLIENT_CHARACTERISTICS {
  USHORT Version;
  USHORT Length;
  PNPI_CLIENT_ATTACH_PROVIDER_FN ClientAttachProvider;
  PNPI_CLIENT_DETACH_PROVIDER_FN ClientDetachProvider;
  PNPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN ClientCleanupBindingContext;
  NPI_REGISTRATION_INSTANCE ClientRegistrationInstance;
} NPI_CLIENT_CHARACTERISTICS;
typedef CONST NPI_CLIENT_CHARACTERISTICS *PNPI_CLIENT_CHARACTERISTICS;

C_ASSERT(sizeof(NPI_CLIENT_CHARACTERISTICS) == 72);
C_ASSERT(offsetof(NPI_CLIENT_CHARACTERISTICS, ClientAttachProvider) == 8);
C_ASSERT(offsetof(NPI_CLIENT_CHARACTERISTICS, ClientRegistrationInstance) == 32);

/* ---- Provider callbacks --------------------------------------------------------------------- */

/* A client wants to attach; the provider accepts by filling the two outputs. PASSIVE_LEVEL.
 * Documentation: nc-netioddk-npi_provider_attach_client_fn. */
typedef NTSTATUS(NTAPI NPI_PROVIDER_ATTACH_CLIENT_FN)(
    HANDLE NmrBindingHandle, PVOID ProviderContext,
    PNPI_REGISTRATION_INSTANCE ClientRegistrationInstance, PVOID ClientBindingContext,
    CONST VOID *ClientDispatch, PVOID *ProviderBindingContext, CONST VOID **ProviderDispatch);
typedef NPI_PROVIDER_ATTACH_CLIENT_FN *PNPI_PROVIDER_ATTACH_CLIENT_FN;

/* The binding ends; STATUS_PENDING announces NmrProviderDetachClientComplete. IRQL <=
 * DISPATCH_LEVEL. Documentation: nc-netioddk-npi_provider_detach_client_fn. */
typedef NTSTATUS(NTAPI NPI_PROVIDER_DETACH_CLIENT_FN)(PVOID ProviderBindingContext);
typedef NPI_PROVIDER_DETACH_CLIENT_FN *PNPI_PROVIDER_DETACH_CLIENT_FN;

/* Both sides have detached; the provider frees its binding context. IRQL <= DISPATCH_LEVEL.
 * Documentation: nc-netioddk-npi_provider_cleanup_binding_context_fn. */
typedef VOID(NTAPI NPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN)(PVOID ProviderBindingContext);
typedef NPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN *PNPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN;

typedef struct _NPI_PROVIDER_CHARACTERISTICS {
  USHORT Version;
  USHORT Length;
  PNPI_PROVIDER_ATTACH_CLIENT_FN ProviderAttachClient;
  PNPI_PROVIDER_DETACH_CLIENT_FN ProviderDetachClient;
  PNPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN ProviderCleanupBindingContext;
  NPI_REGISTRATION_INSTANCE ProviderRegistrationInstance;
} NPI_PROVIDER_CHARACTERISTICS;
typedef CONST NPI_PROVIDER_CHARACTERISTICS *PNPI_PROVIDER_CHARACTERISTICS;

C_ASSERT(sizeof(NPI_PROVIDER_CHARACTERISTICS) == 72);
C_ASSERT(offsetof(NPI_PROVIDER_CHARACTERISTICS, ProviderAttachClient) == 8);
C_ASSERT(offsetof(NPI_PROVIDER_CHARACTERISTICS, ProviderRegistrationInstance) == 32);

/* ---- Functions ------------------------------------------------------------------------------ */

/* Registers a client module; attaches it to every provider already there. PASSIVE_LEVEL. Fails with
 * STATUS_INSUFFICIENT_RESOURCES. Documentation: nf-netioddk-nmrregisterclient. */
NTKERNELAPI NTSTATUS NTAPI NmrRegisterClient(PNPI_CLIENT_CHARACTERISTICS ClientCharacteristics,
                                             PVOID ClientContext, PHANDLE NmrClientHandle);

/* Starts to deregister a client; STATUS_PENDING is the normal result. IRQL <= DISPATCH_LEVEL.
 * Documentation: nf-netioddk-nmrderegisterclient. */
NTKERNELAPI NTSTATUS NTAPI NmrDeregisterClient(HANDLE NmrClientHandle);

/* Waits until a deregistered client has detached from all providers. IRQL < DISPATCH_LEVEL.
 * STATUS_INVALID_PARAMETER for a handle not being deregistered.
 * Documentation: nf-netioddk-nmrwaitforclientderegistercomplete. */
NTKERNELAPI NTSTATUS NTAPI NmrWaitForClientDeregisterComplete(HANDLE NmrClientHandle);

/* Called inside the client's attach callback: exchanges dispatch tables with the provider and
 * returns the provider's status (STATUS_NOINTERFACE: try another version). PASSIVE_LEVEL.
 * Documentation: nf-netioddk-nmrclientattachprovider. */
NTKERNELAPI NTSTATUS NTAPI NmrClientAttachProvider(HANDLE NmrBindingHandle,
                                                   PVOID ClientBindingContext,
                                                   CONST VOID *ClientDispatch,
                                                   PVOID *ProviderBindingContext,
                                                   CONST VOID **ProviderDispatch);

/* The client has finished a detach that it had answered with STATUS_PENDING. IRQL <=
 * DISPATCH_LEVEL. Documentation: nf-netioddk-nmrclientdetachprovidercomplete. */
NTKERNELAPI VOID NTAPI NmrClientDetachProviderComplete(HANDLE NmrBindingHandle);

/* Registers a provider module; offers it to every client already there. PASSIVE_LEVEL. Fails with
 * STATUS_INSUFFICIENT_RESOURCES. Documentation: nf-netioddk-nmrregisterprovider. */
NTKERNELAPI NTSTATUS NTAPI
NmrRegisterProvider(PNPI_PROVIDER_CHARACTERISTICS ProviderCharacteristics, PVOID ProviderContext,
                    PHANDLE NmrProviderHandle);

/* Starts to deregister a provider; STATUS_PENDING is the normal result. IRQL <= DISPATCH_LEVEL.
 * Documentation: nf-netioddk-nmrderegisterprovider. */
NTKERNELAPI NTSTATUS NTAPI NmrDeregisterProvider(HANDLE NmrProviderHandle);

/* Waits until a deregistered provider has detached from all clients. IRQL < DISPATCH_LEVEL.
 * STATUS_INVALID_PARAMETER for a handle not being deregistered.
 * Documentation: nf-netioddk-nmrwaitforproviderderegistercomplete. */
NTKERNELAPI NTSTATUS NTAPI NmrWaitForProviderDeregisterComplete(HANDLE NmrProviderHandle);

/* The provider has finished a detach that it had answered with STATUS_PENDING. IRQL <=
 * DISPATCH_LEVEL. Documentation: nf-netioddk-nmrproviderdetachclientcomplete. */
NTKERNELAPI VOID NTAPI NmrProviderDetachClientComplete(HANDLE NmrBindingHandle);

#ifdef __cplusplus
}
#endif

#endif /* OWSK_KM_NETIODDK_H */
