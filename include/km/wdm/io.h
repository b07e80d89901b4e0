/* SPDX-License-Identifier: MIT */
/* I/O manager codes, functions and inline stack-location helpers; part of wdm.h. */
#ifndef OWSK_KM_WDM_IO_H
#define OWSK_KM_WDM_IO_H

#include <ntstatus.h>
#include <string.h>

#include <wdm/ex.h>
#include <wdm/io_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Codes and flags ------------------------------------------------------------------------ */

#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CREATE_NAMED_PIPE 0x01
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_READ 0x03
#define IRP_MJ_WRITE 0x04
#define IRP_MJ_QUERY_INFORMATION 0x05
#define IRP_MJ_SET_INFORMATION 0x06
#define IRP_MJ_QUERY_EA 0x07
#define IRP_MJ_SET_EA 0x08
#define IRP_MJ_FLUSH_BUFFERS 0x09
#define IRP_MJ_QUERY_VOLUME_INFORMATION 0x0a
#define IRP_MJ_SET_VOLUME_INFORMATION 0x0b
#define IRP_MJ_DIRECTORY_CONTROL 0x0c
#define IRP_MJ_FILE_SYSTEM_CONTROL 0x0d
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_SCSI 0x0f
#define IRP_MJ_SHUTDOWN 0x10
#define IRP_MJ_LOCK_CONTROL 0x11
#define IRP_MJ_CLEANUP 0x12
#define IRP_MJ_CREATE_MAILSLOT 0x13
#define IRP_MJ_QUERY_SECURITY 0x14
#define IRP_MJ_SET_SECURITY 0x15
#define IRP_MJ_POWER 0x16
#define IRP_MJ_SYSTEM_CONTROL 0x17
#define IRP_MJ_DEVICE_CHANGE 0x18
#define IRP_MJ_QUERY_QUOTA 0x19
#define IRP_MJ_SET_QUOTA 0x1a
#define IRP_MJ_PNP 0x1b
#define IRP_MJ_PNP_POWER IRP_MJ_PNP

#define IRP_NOCACHE 0x00000001
#define IRP_PAGING_IO 0x00000002
#define IRP_MOUNT_COMPLETION 0x00000002
#define IRP_SYNCHRONOUS_API 0x00000004
#define IRP_ASSOCIATED_IRP 0x00000008
#define IRP_BUFFERED_IO 0x00000010
#define IRP_DEALLOCATE_BUFFER 0x00000020
#define IRP_INPUT_OPERATION 0x00000040
#define IRP_SYNCHRONOUS_PAGING_IO 0x00000040
#define IRP_CREATE_OPERATION 0x00000080
#define IRP_READ_OPERATION 0x00000100
#define IRP_WRITE_OPERATION 0x00000200
#define IRP_CLOSE_OPERATION 0x00000400
#define IRP_DEFER_IO_COMPLETION 0x00000800

/* AllocationFlags of an IRP. */
#define IRP_QUOTA_CHARGED 0x01
#define IRP_ALLOCATED_MUST_SUCCEED 0x02
#define IRP_ALLOCATED_FIXED_SIZE 0x04
#define IRP_LOOKASIDE_ALLOCATION 0x08

/* Control of a stack location. */
#define SL_PENDING_RETURNED 0x01
#define SL_ERROR_RETURNED 0x02
#define SL_INVOKE_ON_CANCEL 0x20
#define SL_INVOKE_ON_SUCCESS 0x40
#define SL_INVOKE_ON_ERROR 0x80

#define DO_VERIFY_VOLUME 0x00000002
#define DO_BUFFERED_IO 0x00000004
#define DO_EXCLUSIVE 0x00000008
#define DO_DIRECT_IO 0x00000010
#define DO_MAP_IO_BUFFER 0x00000020
#define DO_DEVICE_HAS_NAME 0x00000040
#define DO_DEVICE_INITIALIZING 0x00000080
#define DO_SHUTDOWN_REGISTERED 0x00000800
#define DO_BUS_ENUMERATED_DEVICE 0x00001000
#define DO_POWER_PAGABLE 0x00002000
#define DO_POWER_INRUSH 0x00004000

#define IO_TYPE_DEVICE 0x00000003
#define IO_TYPE_DRIVER 0x00000004
#define IO_TYPE_FILE 0x00000005
#define IO_TYPE_IRP 0x00000006

#define IO_NO_INCREMENT 0
#define IO_CD_ROM_INCREMENT 1
#define IO_DISK_INCREMENT 1
#define IO_KEYBOARD_INCREMENT 6
#define IO_MAILSLOT_INCREMENT 2
#define IO_MOUSE_INCREMENT 6
#define IO_NAMED_PIPE_INCREMENT 2
#define IO_NETWORK_INCREMENT 2
#define IO_PARALLEL_INCREMENT 1
#define IO_SERIAL_INCREMENT 2
#define IO_SOUND_INCREMENT 8
#define IO_VIDEO_INCREMENT 1

/* Anything but STATUS_MORE_PROCESSING_REQUIRED lets the completion of an IRP go on. */
#define STATUS_CONTINUE_COMPLETION STATUS_SUCCESS
typedef enum _IO_COMPLETION_ROUTINE_RESULT {
  ContinueCompletion = (int)STATUS_CONTINUE_COMPLETION,
  StopCompletion = (int)STATUS_MORE_PROCESSING_REQUIRED
} IO_COMPLETION_ROUTINE_RESULT, *PIO_COMPLETION_ROUTINE_RESULT;

/* ---- IRPs ----------------------------------------------------------------------------------- */

#define IoSizeOfIrp(StackSize) ((USHORT)(sizeof(IRP) + (StackSize) * sizeof(IO_STACK_LOCATION)))

/* Allocates an IRP; NULL when memory is short. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioallocateirp. */
NTKERNELAPI PIRP NTAPI IoAllocateIrp(_In_ CCHAR StackSize, _In_ BOOLEAN ChargeQuota);

/* Allocates an IRP for a device; NULL when memory is short. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioallocateirpex. */
NTKERNELAPI PIRP NTAPI IoAllocateIrpEx(_In_ PDEVICE_OBJECT DeviceObject, _In_ CCHAR StackSize,
                                       _In_ BOOLEAN ChargeQuota);

/* Frees an IRP from IoAllocateIrp. IRQL <= DISPATCH_LEVEL. Page nf-wdm-iofreeirp. */
NTKERNELAPI VOID NTAPI IoFreeIrp(_In_ PIRP Irp);

/* Makes a finished, driver-allocated IRP ready for another use. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioreuseirp. */
NTKERNELAPI VOID NTAPI IoReuseIrp(_Inout_ PIRP Irp, _In_ NTSTATUS Iostatus);

/* Initializes an IRP in memory that the driver supplies. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioinitializeirp. */
NTKERNELAPI VOID NTAPI IoInitializeIrp(_Inout_ PIRP Irp, _In_ USHORT PacketSize,
                                       _In_ CCHAR StackSize);

/* Undoes IoInitializeIrp before the memory is released. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-iocleanupirp. */
NTKERNELAPI VOID NTAPI IoCleanupIrp(_Inout_ PIRP Irp);

/* Finishes an IRP and runs its completion routines upwards. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-iofcompleterequest. */
NTKERNELAPI VOID FASTCALL IofCompleteRequest(_In_ PIRP Irp, _In_ CCHAR PriorityBoost);
#define IoCompleteRequest(Irp, PriorityBoost) IofCompleteRequest((Irp), (PriorityBoost))

/* Passes an IRP to a device's driver and returns what its dispatch routine returns.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-iofcalldriver. */
NTKERNELAPI NTSTATUS FASTCALL IofCallDriver(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
#define IoCallDriver(DeviceObject, Irp) IofCallDriver((DeviceObject), (Irp))

/* Marks an IRP cancelled and calls its cancel routine; TRUE when there was one to call.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-iocancelirp. */
NTKERNELAPI BOOLEAN NTAPI IoCancelIrp(_In_ PIRP Irp);

/* Takes the system cancel spin lock and raises to DISPATCH_LEVEL. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioacquirecancelspinlock. */
NTKERNELAPI VOID NTAPI IoAcquireCancelSpinLock(_Out_ PKIRQL Irql);

/* Releases the system cancel spin lock and restores the IRQL. IRQL == DISPATCH_LEVEL.
 * Page nf-wdm-ioreleasecancelspinlock. */
NTKERNELAPI VOID NTAPI IoReleaseCancelSpinLock(_In_ KIRQL Irql);

/* Like IoSetCompletionRoutine, but keeps the device's driver loaded until the routine has run;
 * STATUS_INSUFFICIENT_RESOURCES on failure. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-iosetcompletionroutineex. */
NTKERNELAPI NTSTATUS NTAPI IoSetCompletionRoutineEx(_In_ PDEVICE_OBJECT DeviceObject,
                                                    _In_ PIRP Irp,
                                                    _In_ PIO_COMPLETION_ROUTINE CompletionRoutine,
                                                    _In_opt_ PVOID Context,
                                                    _In_ BOOLEAN InvokeOnSuccess,
                                                    _In_ BOOLEAN InvokeOnError,
                                                    _In_ BOOLEAN InvokeOnCancel);

/* ---- Stack locations (inline, any IRQL) ----------------------------------------------------- */

/* Page nf-wdm-iogetcurrentirpstacklocation. */
FORCEINLINE PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(_In_ PIRP Irp) {
  return Irp->Tail.Overlay.CurrentStackLocation;
}

/* Page nf-wdm-iogetnextirpstacklocation. */
FORCEINLINE PIO_STACK_LOCATION IoGetNextIrpStackLocation(_In_ PIRP Irp) {
  return Irp->Tail.Overlay.CurrentStackLocation - 1;
}

/* Page nf-wdm-iosetnextirpstacklocation. */
FORCEINLINE VOID IoSetNextIrpStackLocation(_Inout_ PIRP Irp) {
  Irp->CurrentLocation--;
  Irp->Tail.Overlay.CurrentStackLocation--;
}

/* Page nf-wdm-ioskipcurrentirpstacklocation. */
FORCEINLINE VOID IoSkipCurrentIrpStackLocation(_Inout_ PIRP Irp) {
  Irp->CurrentLocation++;
  Irp->Tail.Overlay.CurrentStackLocation++;
}

/* Copies all but the completion routine. Page nf-wdm-iocopycurrentirpstacklocationtonext. */
FORCEINLINE VOID IoCopyCurrentIrpStackLocationToNext(_Inout_ PIRP Irp) {
  PIO_STACK_LOCATION Next = IoGetNextIrpStackLocation(Irp);
  memcpy(Next, IoGetCurrentIrpStackLocation(Irp), offsetof(IO_STACK_LOCATION, CompletionRoutine));
  Next->Control = 0;
}

/* Page nf-wdm-iomarkirppending. */
FORCEINLINE VOID IoMarkIrpPending(_Inout_ PIRP Irp) {
  IoGetCurrentIrpStackLocation(Irp)->Control |= SL_PENDING_RETURNED;
}

/* Sets the routine to run when the next lower driver finishes the IRP.
 * Page nf-wdm-iosetcompletionroutine. */
FORCEINLINE VOID IoSetCompletionRoutine(_In_ PIRP Irp,
                                        _In_opt_ PIO_COMPLETION_ROUTINE CompletionRoutine,
                                        _In_opt_ PVOID Context, _In_ BOOLEAN InvokeOnSuccess,
                                        _In_ BOOLEAN InvokeOnError, _In_ BOOLEAN InvokeOnCancel) {
  PIO_STACK_LOCATION Next = IoGetNextIrpStackLocation(Irp);
  Next->CompletionRoutine = CompletionRoutine;
  Next->Context = Context;
  Next->Control = (UCHAR)((InvokeOnSuccess ? SL_INVOKE_ON_SUCCESS : 0) |
                          (InvokeOnError ? SL_INVOKE_ON_ERROR : 0) |
                          (InvokeOnCancel ? SL_INVOKE_ON_CANCEL : 0));
}

/* Atomically replaces the cancel routine of an IRP and returns the old one.
 * Page nf-wdm-iosetcancelroutine. */
FORCEINLINE PDRIVER_CANCEL IoSetCancelRoutine(_Inout_ PIRP Irp,
                                              _In_opt_ PDRIVER_CANCEL CancelRoutine) {
  return __atomic_exchange_n(&Irp->CancelRoutine, CancelRoutine, __ATOMIC_SEQ_CST);
}

/* ---- MDLs ----------------------------------------------------------------------------------- */

/* Allocates an MDL for a buffer; NULL when memory is short. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioallocatemdl. */
NTKERNELAPI PMDL NTAPI IoAllocateMdl(_In_opt_ PVOID VirtualAddress, _In_ ULONG Length,
                                     _In_ BOOLEAN SecondaryBuffer, _In_ BOOLEAN ChargeQuota,
                                     _Inout_opt_ PIRP Irp);

/* Frees an MDL from IoAllocateMdl. IRQL <= DISPATCH_LEVEL. Page nf-wdm-iofreemdl. */
NTKERNELAPI VOID NTAPI IoFreeMdl(_In_ PMDL Mdl);

/* Makes one MDL describe part of the buffer of another. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-iobuildpartialmdl. */
NTKERNELAPI VOID NTAPI IoBuildPartialMdl(_In_ PMDL SourceMdl, _Inout_ PMDL TargetMdl,
                                         _In_ PVOID VirtualAddress, _In_ ULONG Length);

/* ---- Work items ----------------------------------------------------------------------------- */

/* Allocates a work item; NULL when memory is short. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioallocateworkitem. */
NTKERNELAPI PIO_WORKITEM NTAPI IoAllocateWorkItem(_In_ PDEVICE_OBJECT DeviceObject);

/* Frees a work item that is not queued. IRQL <= DISPATCH_LEVEL. Page nf-wdm-iofreeworkitem. */
NTKERNELAPI VOID NTAPI IoFreeWorkItem(_In_ PIO_WORKITEM IoWorkItem);

/* Has a system thread call a routine at PASSIVE_LEVEL. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioqueueworkitem. */
NTKERNELAPI VOID NTAPI IoQueueWorkItem(_Inout_ PIO_WORKITEM IoWorkItem,
                                       _In_ PIO_WORKITEM_ROUTINE WorkerRoutine,
                                       _In_ WORK_QUEUE_TYPE QueueType, _In_opt_ PVOID Context);

/* Like IoQueueWorkItem; the routine also gets the work item and may free it.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-ioqueueworkitemex. */
NTKERNELAPI VOID NTAPI IoQueueWorkItemEx(_Inout_ PIO_WORKITEM IoWorkItem,
                                         _In_ PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                         _In_ WORK_QUEUE_TYPE QueueType, _In_opt_ PVOID Context);

/* Initializes a work item in memory that the driver supplies. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-ioinitializeworkitem. */
NTKERNELAPI VOID NTAPI IoInitializeWorkItem(_In_ PVOID IoObject, _Out_ PIO_WORKITEM IoWorkItem);

/* Undoes IoInitializeWorkItem. IRQL <= DISPATCH_LEVEL. Page nf-wdm-iouninitializeworkitem. */
NTKERNELAPI VOID NTAPI IoUninitializeWorkItem(_Inout_ PIO_WORKITEM IoWorkItem);

/* Returns the size of a work item in bytes. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-iosizeofworkitem. */
NTKERNELAPI ULONG NTAPI IoSizeofWorkItem(VOID);

/* ---- Devices and symbolic links ------------------------------------------------------------- */

/* Creates a device object; STATUS_INSUFFICIENT_RESOURCES or STATUS_OBJECT_NAME_COLLISION among
 * its errors. IRQL <= APC_LEVEL. Page nf-wdm-iocreatedevice. */
NTKERNELAPI NTSTATUS NTAPI IoCreateDevice(_In_ PDRIVER_OBJECT DriverObject,
                                          _In_ ULONG DeviceExtensionSize,
                                          _In_opt_ PUNICODE_STRING DeviceName,
                                          _In_ DEVICE_TYPE DeviceType,
                                          _In_ ULONG DeviceCharacteristics,
                                          _In_ BOOLEAN Exclusive,
                                          _Outptr_ PDEVICE_OBJECT *DeviceObject);

/* Removes a device object. IRQL <= APC_LEVEL. Page nf-wdm-iodeletedevice. */
NTKERNELAPI VOID NTAPI IoDeleteDevice(_In_ PDEVICE_OBJECT DeviceObject);

/* Links a user-visible name to a device name. IRQL == PASSIVE_LEVEL.
 * Page nf-wdm-iocreatesymboliclink. */
NTKERNELAPI NTSTATUS NTAPI IoCreateSymbolicLink(_In_ PUNICODE_STRING SymbolicLinkName,
                                                _In_ PUNICODE_STRING DeviceName);

/* Removes a symbolic link. IRQL == PASSIVE_LEVEL. Page nf-wdm-iodeletesymboliclink. */
NTKERNELAPI NTSTATUS NTAPI IoDeleteSymbolicLink(_In_ PUNICODE_STRING SymbolicLinkName);

/* Returns the current process. Any IRQL up to DISPATCH_LEVEL. Page nf-wdm-iogetcurrentprocess. */
NTKERNELAPI PEPROCESS NTAPI IoGetCurrentProcess(VOID);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_WDM_IO_H */
