/* SPDX-License-Identifier: MIT */
/* I/O manager structures, routine types and codes; part of wdm.h. */
#ifndef OWSK_KM_WDM_IO_TYPES_H
#define OWSK_KM_WDM_IO_TYPES_H

#include <ntdef.h>

#include <wdm/ke.h>
#include <wdm/mm.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef POINTER_ALIGNMENT
#define POINTER_ALIGNMENT DECLSPEC_ALIGN(8)
#endif

/* ---- Names used before their definition ----------------------------------------------------- */

typedef struct _IRP IRP, *PIRP;
typedef struct _DEVICE_OBJECT DEVICE_OBJECT, *PDEVICE_OBJECT;
typedef struct _DRIVER_OBJECT DRIVER_OBJECT, *PDRIVER_OBJECT;
typedef struct _FILE_OBJECT FILE_OBJECT, *PFILE_OBJECT;
typedef struct _IO_WORKITEM IO_WORKITEM, *PIO_WORKITEM;
typedef struct _EPROCESS *PEPROCESS;
typedef struct _ETHREAD *PETHREAD;
typedef struct _VPB *PVPB;
typedef struct _IO_TIMER *PIO_TIMER;
typedef struct _ACCESS_STATE *PACCESS_STATE;
typedef struct _SECURITY_QUALITY_OF_SERVICE *PSECURITY_QUALITY_OF_SERVICE;

typedef ULONG DEVICE_TYPE;
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
typedef ULONG SECURITY_INFORMATION, *PSECURITY_INFORMATION;
typedef PVOID PSECURITY_DESCRIPTOR;

typedef enum _FILE_INFORMATION_CLASS {
  FileDirectoryInformation = 1, FileFullDirectoryInformation = 2, FileBothDirectoryInformation = 3,
  FileBasicInformation = 4, FileStandardInformation = 5, FileInternalInformation = 6,
  FileEaInformation = 7, FileAccessInformation = 8, FileNameInformation = 9,
  FileRenameInformation = 10, FileLinkInformation = 11, FileNamesInformation = 12,
  FileDispositionInformation = 13, FilePositionInformation = 14, FileFullEaInformation = 15,
  FileModeInformation = 16, FileAlignmentInformation = 17, FileAllInformation = 18,
  FileAllocationInformation = 19, FileEndOfFileInformation = 20, FileAlternateNameInformation = 21,
  FileStreamInformation = 22, FileNetworkOpenInformation = 34, FileAttributeTagInformation = 35,
  FileValidDataLengthInformation = 39
} FILE_INFORMATION_CLASS, *PFILE_INFORMATION_CLASS;

/* ---- Status block and routine types --------------------------------------------------------- */

typedef struct _IO_STATUS_BLOCK {
  union {
    NTSTATUS Status;
    PVOID Pointer;
  };
  ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

C_ASSERT(sizeof(IO_STATUS_BLOCK) == 0x10 && offsetof(IO_STATUS_BLOCK, Information) == 0x08);

typedef VOID NTAPI IO_APC_ROUTINE(_In_ PVOID ApcContext, _In_ PIO_STATUS_BLOCK IoStatusBlock,
                                  _In_ ULONG Reserved);
typedef IO_APC_ROUTINE *PIO_APC_ROUTINE;

typedef NTSTATUS NTAPI DRIVER_INITIALIZE(_In_ struct _DRIVER_OBJECT *DriverObject,
                                         _In_ PUNICODE_STRING RegistryPath);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;

typedef VOID NTAPI DRIVER_UNLOAD(_In_ struct _DRIVER_OBJECT *DriverObject);
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;

typedef NTSTATUS NTAPI DRIVER_DISPATCH(_In_ struct _DEVICE_OBJECT *DeviceObject,
                                       _Inout_ struct _IRP *Irp);
typedef DRIVER_DISPATCH *PDRIVER_DISPATCH;

typedef NTSTATUS NTAPI DRIVER_ADD_DEVICE(_In_ struct _DRIVER_OBJECT *DriverObject,
                                         _In_ struct _DEVICE_OBJECT *PhysicalDeviceObject);
typedef DRIVER_ADD_DEVICE *PDRIVER_ADD_DEVICE;

typedef VOID NTAPI DRIVER_STARTIO(_Inout_ struct _DEVICE_OBJECT *DeviceObject,
                                  _Inout_ struct _IRP *Irp);
typedef DRIVER_STARTIO *PDRIVER_STARTIO;

typedef VOID NTAPI DRIVER_CANCEL(_Inout_ struct _DEVICE_OBJECT *DeviceObject,
                                 _Inout_ struct _IRP *Irp);
typedef DRIVER_CANCEL *PDRIVER_CANCEL;

/* DeviceObject is NULL for the driver that allocated the IRP and has no stack location in it. */
typedef NTSTATUS NTAPI IO_COMPLETION_ROUTINE(_In_opt_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp,
                                             _In_opt_ PVOID Context);
typedef IO_COMPLETION_ROUTINE *PIO_COMPLETION_ROUTINE;

typedef VOID NTAPI IO_WORKITEM_ROUTINE(_In_ PDEVICE_OBJECT DeviceObject, _In_opt_ PVOID Context);
typedef IO_WORKITEM_ROUTINE *PIO_WORKITEM_ROUTINE;

typedef VOID NTAPI IO_WORKITEM_ROUTINE_EX(_In_ PVOID IoObject, _In_opt_ PVOID Context,
                                          _In_ PIO_WORKITEM IoWorkItem);
typedef IO_WORKITEM_ROUTINE_EX *PIO_WORKITEM_ROUTINE_EX;

typedef enum _IO_ALLOCATION_ACTION {
  KeepObject = 1,
  DeallocateObject,
  DeallocateObjectKeepRegisters
} IO_ALLOCATION_ACTION, *PIO_ALLOCATION_ACTION;

typedef IO_ALLOCATION_ACTION NTAPI DRIVER_CONTROL(_In_ struct _DEVICE_OBJECT *DeviceObject,
                                                  _Inout_ struct _IRP *Irp,
                                                  _In_ PVOID MapRegisterBase, _In_ PVOID Context);
typedef DRIVER_CONTROL *PDRIVER_CONTROL;

/* ---- Device objects ------------------------------------------------------------------------- */

typedef struct _WAIT_CONTEXT_BLOCK {
  KDEVICE_QUEUE_ENTRY WaitQueueEntry;
  PDRIVER_CONTROL DeviceRoutine;
  PVOID DeviceContext;
  ULONG NumberOfMapRegisters;
  PVOID DeviceObject;
  PVOID CurrentIrp;
  PKDPC BufferChainingDpc;
} WAIT_CONTEXT_BLOCK, *PWAIT_CONTEXT_BLOCK;

C_ASSERT(sizeof(WAIT_CONTEXT_BLOCK) == 0x48);
C_ASSERT(offsetof(WAIT_CONTEXT_BLOCK, NumberOfMapRegisters) == 0x28);

typedef struct _DEVOBJ_EXTENSION {
  CSHORT Type;
  USHORT Size;
  PDEVICE_OBJECT DeviceObject;
} DEVOBJ_EXTENSION, *PDEVOBJ_EXTENSION;

C_ASSERT(sizeof(DEVOBJ_EXTENSION) == 0x10);

struct DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) _DEVICE_OBJECT {
  CSHORT Type;
  USHORT Size;
  LONG ReferenceCount;
  struct _DRIVER_OBJECT *DriverObject;
  struct _DEVICE_OBJECT *NextDevice;
  struct _DEVICE_OBJECT *AttachedDevice;
  struct _IRP *CurrentIrp;
  PIO_TIMER Timer;
  ULONG Flags;
  ULONG Characteristics;
  volatile PVPB Vpb;
  PVOID DeviceExtension;
  DEVICE_TYPE DeviceType;
  CCHAR StackSize;
  union {
    LIST_ENTRY ListEntry;
    WAIT_CONTEXT_BLOCK Wcb;
  } Queue;
  ULONG AlignmentRequirement;
  KDEVICE_QUEUE DeviceQueue;
  KDPC Dpc;
  ULONG ActiveThreadCount;
  PSECURITY_DESCRIPTOR SecurityDescriptor;
  KEVENT DeviceLock;
  USHORT SectorSize;
  USHORT Spare1;
  struct _DEVOBJ_EXTENSION *DeviceObjectExtension;
  PVOID Reserved;
};

C_ASSERT(sizeof(DEVICE_OBJECT) == 0x150 && TYPE_ALIGNMENT(DEVICE_OBJECT) == 16);
C_ASSERT(offsetof(DEVICE_OBJECT, DriverObject) == 0x08 && offsetof(DEVICE_OBJECT, Flags) == 0x30);
C_ASSERT(offsetof(DEVICE_OBJECT, DeviceExtension) == 0x40);
C_ASSERT(offsetof(DEVICE_OBJECT, StackSize) == 0x4c && offsetof(DEVICE_OBJECT, Queue) == 0x50);
C_ASSERT(offsetof(DEVICE_OBJECT, DeviceQueue) == 0xa0 && offsetof(DEVICE_OBJECT, Dpc) == 0xc8);
C_ASSERT(offsetof(DEVICE_OBJECT, DeviceLock) == 0x118);
C_ASSERT(offsetof(DEVICE_OBJECT, DeviceObjectExtension) == 0x138);

/* ---- Driver objects ------------------------------------------------------------------------- */

#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

typedef struct _DRIVER_EXTENSION {
  struct _DRIVER_OBJECT *DriverObject;
  PDRIVER_ADD_DEVICE AddDevice;
  ULONG Count;
  UNICODE_STRING ServiceKeyName;
} DRIVER_EXTENSION, *PDRIVER_EXTENSION;

C_ASSERT(sizeof(DRIVER_EXTENSION) == 0x28 && offsetof(DRIVER_EXTENSION, ServiceKeyName) == 0x18);

struct _DRIVER_OBJECT {
  CSHORT Type;
  CSHORT Size;
  PDEVICE_OBJECT DeviceObject;
  ULONG Flags;
  PVOID DriverStart;
  ULONG DriverSize;
  PVOID DriverSection;
  PDRIVER_EXTENSION DriverExtension;
  UNICODE_STRING DriverName;
  PUNICODE_STRING HardwareDatabase;
  struct _FAST_IO_DISPATCH *FastIoDispatch;
  PDRIVER_INITIALIZE DriverInit;
  PDRIVER_STARTIO DriverStartIo;
  PDRIVER_UNLOAD DriverUnload;
  PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
};

C_ASSERT(sizeof(DRIVER_OBJECT) == 0x150 && offsetof(DRIVER_OBJECT, DeviceObject) == 0x08);
C_ASSERT(offsetof(DRIVER_OBJECT, DriverExtension) == 0x30);
C_ASSERT(offsetof(DRIVER_OBJECT, DriverName) == 0x38);
C_ASSERT(offsetof(DRIVER_OBJECT, DriverUnload) == 0x68);
C_ASSERT(offsetof(DRIVER_OBJECT, MajorFunction) == 0x70);

/* ---- I/O stack location --------------------------------------------------------------------- */

typedef struct _IO_SECURITY_CONTEXT {
  PSECURITY_QUALITY_OF_SERVICE SecurityQos;
  PACCESS_STATE AccessState;
  ACCESS_MASK DesiredAccess;
  ULONG FullCreateOptions;
} IO_SECURITY_CONTEXT, *PIO_SECURITY_CONTEXT;

C_ASSERT(sizeof(IO_SECURITY_CONTEXT) == 0x18);

typedef struct _IO_STACK_LOCATION {
  UCHAR MajorFunction;
  UCHAR MinorFunction;
  UCHAR Flags;
  UCHAR Control;
  union {
    struct {
      PIO_SECURITY_CONTEXT SecurityContext;
      ULONG Options;
      USHORT POINTER_ALIGNMENT FileAttributes;
      USHORT ShareAccess;
      ULONG POINTER_ALIGNMENT EaLength;
    } Create;
    struct {
      ULONG Length;
      ULONG POINTER_ALIGNMENT Key;
      ULONG Flags;
      LARGE_INTEGER ByteOffset;
    } Read, Write;
    struct {
      ULONG Length;
      PUNICODE_STRING FileName;
      FILE_INFORMATION_CLASS FileInformationClass;
      ULONG POINTER_ALIGNMENT FileIndex;
    } QueryDirectory;
    struct {
      ULONG Length;
      ULONG POINTER_ALIGNMENT CompletionFilter;
    } NotifyDirectory;
    struct {
      ULONG Length;
      FILE_INFORMATION_CLASS POINTER_ALIGNMENT FileInformationClass;
    } QueryFile;
    struct {
      ULONG Length;
      FILE_INFORMATION_CLASS POINTER_ALIGNMENT FileInformationClass;
      PFILE_OBJECT FileObject;
      union {
        struct {
          BOOLEAN ReplaceIfExists;
          BOOLEAN AdvanceOnly;
        };
        ULONG ClusterCount;
        HANDLE DeleteHandle;
      };
    } SetFile;
    struct {
      ULONG OutputBufferLength;
      ULONG POINTER_ALIGNMENT InputBufferLength;
      ULONG POINTER_ALIGNMENT FsControlCode;
      PVOID Type3InputBuffer;
    } FileSystemControl;
    struct {
      PLARGE_INTEGER Length;
      ULONG Key;
      LARGE_INTEGER ByteOffset;
    } LockControl;
    struct {
      ULONG OutputBufferLength;
      ULONG POINTER_ALIGNMENT InputBufferLength;
      ULONG POINTER_ALIGNMENT IoControlCode;
      PVOID Type3InputBuffer;
    } DeviceIoControl;
    struct {
      SECURITY_INFORMATION SecurityInformation;
      ULONG POINTER_ALIGNMENT Length;
    } QuerySecurity;
    struct {
      SECURITY_INFORMATION SecurityInformation;
      PSECURITY_DESCRIPTOR SecurityDescriptor;
    } SetSecurity;
    struct {
      PVPB Vpb;
      PDEVICE_OBJECT DeviceObject;
    } MountVolume, VerifyVolume;
    struct {
      PVOID Argument1;
      PVOID Argument2;
      PVOID Argument3;
      PVOID Argument4;
    } Others;
  } Parameters;
  PDEVICE_OBJECT DeviceObject;
  PFILE_OBJECT FileObject;
  PIO_COMPLETION_ROUTINE CompletionRoutine;
  PVOID Context;
} IO_STACK_LOCATION, *PIO_STACK_LOCATION;

C_ASSERT(sizeof(IO_STACK_LOCATION) == 0x48 && offsetof(IO_STACK_LOCATION, Control) == 0x03);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Create.FileAttributes) == 0x18);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Create.ShareAccess) == 0x1a);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Create.EaLength) == 0x20);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Read.Flags) == 0x14);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Read.ByteOffset) == 0x18);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.QueryDirectory.FileIndex) == 0x20);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.SetFile.DeleteHandle) == 0x20);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.DeviceIoControl.InputBufferLength) == 0x10);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.DeviceIoControl.IoControlCode) == 0x18);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.DeviceIoControl.Type3InputBuffer) == 0x20);
C_ASSERT(offsetof(IO_STACK_LOCATION, Parameters.Others.Argument4) == 0x20);
C_ASSERT(offsetof(IO_STACK_LOCATION, DeviceObject) == 0x28);
C_ASSERT(offsetof(IO_STACK_LOCATION, CompletionRoutine) == 0x38);

/* ---- I/O request packet --------------------------------------------------------------------- */

struct DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) _IRP {
  CSHORT Type;
  USHORT Size;
  PMDL MdlAddress;
  ULONG Flags;
  union {
    struct _IRP *MasterIrp;
    volatile LONG IrpCount;
    PVOID SystemBuffer;
  } AssociatedIrp;
  LIST_ENTRY ThreadListEntry;
  IO_STATUS_BLOCK IoStatus;
  KPROCESSOR_MODE RequestorMode;
  BOOLEAN PendingReturned;
  CHAR StackCount;
  CHAR CurrentLocation;
  BOOLEAN Cancel;
  KIRQL CancelIrql;
  CCHAR ApcEnvironment;
  UCHAR AllocationFlags;
  PIO_STATUS_BLOCK UserIosb;
  PKEVENT UserEvent;
  union {
    struct {
      union {
        PIO_APC_ROUTINE UserApcRoutine;
        PVOID IssuingProcess;
      };
      PVOID UserApcContext;
    } AsynchronousParameters;
    LARGE_INTEGER AllocationSize;
  } Overlay;
  volatile PDRIVER_CANCEL CancelRoutine;
  PVOID UserBuffer;
  union {
    struct {
      union {
        KDEVICE_QUEUE_ENTRY DeviceQueueEntry;
        PVOID DriverContext[4];
      };
      PETHREAD Thread;
      PCHAR AuxiliaryBuffer;
      LIST_ENTRY ListEntry;
      union {
        struct _IO_STACK_LOCATION *CurrentStackLocation;
        ULONG PacketType;
      };
      PFILE_OBJECT OriginalFileObject;
    } Overlay;
    KAPC Apc;
    PVOID CompletionKey;
  } Tail;
};

C_ASSERT(sizeof(IRP) == 0xd0 && TYPE_ALIGNMENT(IRP) == 16);
C_ASSERT(offsetof(IRP, MdlAddress) == 0x08 && offsetof(IRP, AssociatedIrp) == 0x18);
C_ASSERT(offsetof(IRP, ThreadListEntry) == 0x20 && offsetof(IRP, IoStatus) == 0x30);
C_ASSERT(offsetof(IRP, RequestorMode) == 0x40 && offsetof(IRP, CurrentLocation) == 0x43);
C_ASSERT(offsetof(IRP, Cancel) == 0x44 && offsetof(IRP, AllocationFlags) == 0x47);
C_ASSERT(offsetof(IRP, UserIosb) == 0x48 && offsetof(IRP, UserEvent) == 0x50);
C_ASSERT(offsetof(IRP, Overlay) == 0x58 && offsetof(IRP, CancelRoutine) == 0x68);
C_ASSERT(offsetof(IRP, UserBuffer) == 0x70 && offsetof(IRP, Tail) == 0x78);
C_ASSERT(offsetof(IRP, Tail.Overlay.Thread) == 0x98);
C_ASSERT(offsetof(IRP, Tail.Overlay.ListEntry) == 0xa8);
C_ASSERT(offsetof(IRP, Tail.Overlay.CurrentStackLocation) == 0xb8);
C_ASSERT(offsetof(IRP, Tail.Overlay.OriginalFileObject) == 0xc0);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_WDM_IO_TYPES_H */
