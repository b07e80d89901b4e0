/* SPDX-License-Identifier: MIT */
/* File objects, object references, access rights, processes and threads; part of wdm.h. */
#ifndef OWSK_KM_WDM_OB_PS_H
#define OWSK_KM_WDM_OB_PS_H

#include <ntdef.h>

#include <wdm/ke.h>
#include <wdm/io_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Access rights -------------------------------------------------------------------------- */

#define DELETE 0x00010000
#define READ_CONTROL 0x00020000
#define WRITE_DAC 0x00040000
#define WRITE_OWNER 0x00080000
#define SYNCHRONIZE 0x00100000
#define STANDARD_RIGHTS_REQUIRED 0x000F0000
#define STANDARD_RIGHTS_READ READ_CONTROL
#define STANDARD_RIGHTS_WRITE READ_CONTROL
#define STANDARD_RIGHTS_EXECUTE READ_CONTROL
#define STANDARD_RIGHTS_ALL 0x001F0000
#define SPECIFIC_RIGHTS_ALL 0x0000FFFF
#define ACCESS_SYSTEM_SECURITY 0x01000000
#define MAXIMUM_ALLOWED 0x02000000
#define GENERIC_READ 0x80000000
#define GENERIC_WRITE 0x40000000
#define GENERIC_EXECUTE 0x20000000
#define GENERIC_ALL 0x10000000

#define EVENT_QUERY_STATE 0x0001
#define EVENT_MODIFY_STATE 0x0002
#define EVENT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)

#define THREAD_TERMINATE 0x0001
#define THREAD_SUSPEND_RESUME 0x0002
#define THREAD_ALERT 0x0004
#define THREAD_GET_CONTEXT 0x0008
#define THREAD_SET_CONTEXT 0x0010
#define THREAD_SET_INFORMATION 0x0020
#define THREAD_QUERY_INFORMATION 0x0040
#define THREAD_SET_LIMITED_INFORMATION 0x0400
#define THREAD_QUERY_LIMITED_INFORMATION 0x0800
#define THREAD_RESUME 0x1000
#define THREAD_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xFFFF)
#define PROCESS_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xFFFF)

typedef struct _GENERIC_MAPPING {
  ACCESS_MASK GenericRead;
  ACCESS_MASK GenericWrite;
  ACCESS_MASK GenericExecute;
  ACCESS_MASK GenericAll;
} GENERIC_MAPPING, *PGENERIC_MAPPING;

C_ASSERT(sizeof(GENERIC_MAPPING) == 0x10);

/* Returns the mapping from generic to specific rights of file objects. Any IRQL.
 * Page nf-wdm-iogetfileobjectgenericmapping. */
NTKERNELAPI PGENERIC_MAPPING NTAPI IoGetFileObjectGenericMapping(VOID);

/* ---- File objects --------------------------------------------------------------------------- */

typedef struct _SECTION_OBJECT_POINTERS {
  PVOID DataSectionObject;
  PVOID SharedCacheMap;
  PVOID ImageSectionObject;
} SECTION_OBJECT_POINTERS, *PSECTION_OBJECT_POINTERS;

typedef struct _IO_COMPLETION_CONTEXT {
  PVOID Port;
  PVOID Key;
} IO_COMPLETION_CONTEXT, *PIO_COMPLETION_CONTEXT;

C_ASSERT(sizeof(SECTION_OBJECT_POINTERS) == 0x18 && sizeof(IO_COMPLETION_CONTEXT) == 0x10);

struct _FILE_OBJECT {
  CSHORT Type;
  CSHORT Size;
  PDEVICE_OBJECT DeviceObject;
  PVPB Vpb;
  PVOID FsContext;
  PVOID FsContext2;
  PSECTION_OBJECT_POINTERS SectionObjectPointer;
  PVOID PrivateCacheMap;
  NTSTATUS FinalStatus;
  struct _FILE_OBJECT *RelatedFileObject;
  BOOLEAN LockOperation;
  BOOLEAN DeletePending;
  BOOLEAN ReadAccess;
  BOOLEAN WriteAccess;
  BOOLEAN DeleteAccess;
  BOOLEAN SharedRead;
  BOOLEAN SharedWrite;
  BOOLEAN SharedDelete;
  ULONG Flags;
  UNICODE_STRING FileName;
  LARGE_INTEGER CurrentByteOffset;
  volatile ULONG Waiters;
  volatile ULONG Busy;
  PVOID LastLock;
  KEVENT Lock;
  KEVENT Event;
  volatile PIO_COMPLETION_CONTEXT CompletionContext;
  KSPIN_LOCK IrpListLock;
  LIST_ENTRY IrpList;
  volatile PVOID FileObjectExtension;
};

C_ASSERT(sizeof(FILE_OBJECT) == 0xd8);
C_ASSERT(offsetof(FILE_OBJECT, FsContext) == 0x18);
C_ASSERT(offsetof(FILE_OBJECT, FinalStatus) == 0x38);
C_ASSERT(offsetof(FILE_OBJECT, Flags) == 0x50);
C_ASSERT(offsetof(FILE_OBJECT, FileName) == 0x58);
C_ASSERT(offsetof(FILE_OBJECT, Lock) == 0x80 && offsetof(FILE_OBJECT, Event) == 0x98);
C_ASSERT(offsetof(FILE_OBJECT, IrpList) == 0xc0);

/* ---- Objects -------------------------------------------------------------------------------- */

typedef struct _OBJECT_TYPE *POBJECT_TYPE;

typedef struct _OBJECT_HANDLE_INFORMATION {
  ULONG HandleAttributes;
  ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

C_ASSERT(sizeof(OBJECT_HANDLE_INFORMATION) == 8);

extern NTKERNELAPI POBJECT_TYPE *PsThreadType;
extern NTKERNELAPI POBJECT_TYPE *PsProcessType;
extern NTKERNELAPI POBJECT_TYPE *IoFileObjectType;
extern NTKERNELAPI POBJECT_TYPE *ExEventObjectType;

/* Turns a handle into a referenced object pointer; STATUS_INVALID_HANDLE,
 * STATUS_OBJECT_TYPE_MISMATCH or STATUS_ACCESS_DENIED on failure. IRQL == PASSIVE_LEVEL.
 * Page nf-wdm-obreferenceobjectbyhandle. */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByHandle(
    _In_ HANDLE Handle, _In_ ACCESS_MASK DesiredAccess, _In_opt_ POBJECT_TYPE ObjectType,
    _In_ KPROCESSOR_MODE AccessMode, _Out_ PVOID *Object,
    _Out_opt_ POBJECT_HANDLE_INFORMATION HandleInformation);

/* The same with a four-byte tag for tracing references. IRQL == PASSIVE_LEVEL.
 * Page nf-wdm-obreferenceobjectbyhandlewithtag. */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByHandleWithTag(
    _In_ HANDLE Handle, _In_ ACCESS_MASK DesiredAccess, _In_opt_ POBJECT_TYPE ObjectType,
    _In_ KPROCESSOR_MODE AccessMode, _In_ ULONG Tag, _Out_ PVOID *Object,
    _Out_opt_ POBJECT_HANDLE_INFORMATION HandleInformation);

/* Checks an object's type and adds a reference; STATUS_OBJECT_TYPE_MISMATCH on failure.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-obreferenceobjectbypointer. */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByPointer(_In_ PVOID Object,
                                                      _In_ ACCESS_MASK DesiredAccess,
                                                      _In_opt_ POBJECT_TYPE ObjectType,
                                                      _In_ KPROCESSOR_MODE AccessMode);

/* Adds a reference and returns the new count. IRQL <= DISPATCH_LEVEL.
 * Page nf-wdm-obfreferenceobject. */
NTKERNELAPI LONG_PTR FASTCALL ObfReferenceObject(_In_ PVOID Object);

/* The same with a tag. IRQL <= DISPATCH_LEVEL. Page nf-wdm-obreferenceobjectwithtag. */
NTKERNELAPI LONG_PTR FASTCALL ObfReferenceObjectWithTag(_In_ PVOID Object, _In_ ULONG Tag);

/* Drops a reference and returns the new count; the last one deletes the object.
 * IRQL <= DISPATCH_LEVEL. Page nf-wdm-obdereferenceobject. */
NTKERNELAPI LONG_PTR FASTCALL ObfDereferenceObject(_In_ PVOID Object);

/* The same with a tag. IRQL <= DISPATCH_LEVEL. Page nf-wdm-obdereferenceobjectwithtag. */
NTKERNELAPI LONG_PTR FASTCALL ObfDereferenceObjectWithTag(_In_ PVOID Object, _In_ ULONG Tag);

#define ObReferenceObject(Object) ObfReferenceObject(Object)
#define ObReferenceObjectWithTag(Object, Tag) ObfReferenceObjectWithTag((Object), (Tag))
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)
#define ObDereferenceObjectWithTag(Object, Tag) ObfDereferenceObjectWithTag((Object), (Tag))

/* ---- Processes and threads ------------------------------------------------------------------ */

typedef struct _CLIENT_ID {
  HANDLE UniqueProcess;
  HANDLE UniqueThread;
} CLIENT_ID, *PCLIENT_ID;

C_ASSERT(sizeof(CLIENT_ID) == 0x10);

/* Starts a system thread and returns a handle to it. IRQL == PASSIVE_LEVEL.
 * Page nf-wdm-pscreatesystemthread. */
NTKERNELAPI NTSTATUS NTAPI PsCreateSystemThread(
    _Out_ PHANDLE ThreadHandle, _In_ ULONG DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes, _In_opt_ HANDLE ProcessHandle,
    _Out_opt_ PCLIENT_ID ClientId, _In_ PKSTART_ROUTINE StartRoutine, _In_opt_ PVOID StartContext);

/* Ends the calling system thread; returns only on failure. IRQL == PASSIVE_LEVEL.
 * Page nf-wdm-psterminatesystemthread. */
NTKERNELAPI NTSTATUS NTAPI PsTerminateSystemThread(_In_ NTSTATUS ExitStatus);

/* Returns the current thread object. IRQL <= DISPATCH_LEVEL. Page nf-wdm-psgetcurrentthread. */
NTKERNELAPI PETHREAD NTAPI PsGetCurrentThread(VOID);

/* Returns the current thread's id. IRQL <= DISPATCH_LEVEL. Page nf-ntddk-psgetcurrentthreadid. */
NTKERNELAPI HANDLE NTAPI PsGetCurrentThreadId(VOID);

/* Returns the current process object. IRQL <= DISPATCH_LEVEL. Page nf-wdm-psgetcurrentprocess. */
NTKERNELAPI PEPROCESS NTAPI PsGetCurrentProcess(VOID);

/* Returns the current process's id. IRQL <= DISPATCH_LEVEL.
 * Page nf-ntddk-psgetcurrentprocessid. */
NTKERNELAPI HANDLE NTAPI PsGetCurrentProcessId(VOID);

/* Returns a thread's id. Any IRQL. Page nf-ntddk-psgetthreadid. */
NTKERNELAPI HANDLE NTAPI PsGetThreadId(_In_ PETHREAD Thread);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_WDM_OB_PS_H */
