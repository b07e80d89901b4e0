// What a build for Windows gives every driver: its macros, Microsoft's layout of bit fields, headers made by WPP's
// preprocessor, and guarded blocks. It compiles only where all of it is there.
#include <ntddk.h>
#include <wsk.h>

#if !defined(_WIN64) || !defined(_AMD64_) || !defined(AMD64) || !defined(_M_AMD64) || !defined(_M_X64)
#error "no macro says which machine this is"
#endif
#if !defined(_KERNEL_MODE)
#error "no macro says that this is the kernel"
#endif
#if NTDDI_VERSION < NTDDI_WIN10 || _WIN32_WINNT < _WIN32_WINNT_WIN10 || WINVER < 0x0A00
#error "no macro says for which Windows this is"
#endif
#if defined(EXPECT_DBG) && (!defined(DBG) || DBG != 1)
#error "a debug build without DBG"
#endif

typedef struct MIXED {
    UCHAR First : 4;
    ULONG Second : 4;
    UCHAR Third : 2;
} MIXED;
C_ASSERT(sizeof(MIXED) == 12);

// begin_wpp config
// FUNC TraceEvents(LEVEL, FLAGS, MSG, ...);
// end_wpp
#define WPP_CONTROL_GUIDS \
    WPP_DEFINE_CONTROL_GUID(PackagingGuid, (d58c126f, b309, 11d1, 969e, 0000f875a5bc), WPP_DEFINE_BIT(TRACE_FLAG))

#ifdef HAS_TRACE_HEADERS
#include "Windows_Build.tmh"
#else
#define WPP_INIT_TRACING(...) ((void)0)
#define TraceEvents(...) ((void)0)
#endif

#ifdef __cplusplus
static VOID NTAPI Unload(PDRIVER_OBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
}
#else
// Microsoft's compiler for C warns of such a routine, and no more.
static NTSTATUS Unload(PDRIVER_OBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    return STATUS_SUCCESS;
}
#endif

static int Guarded(volatile LONG *Released)
{
    __try {
        return 1;
    } __finally {
        *Released = 1;
    }
}

#ifdef __cplusplus
extern "C"
#endif
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{
    volatile LONG released = 0;
    const int returned = Guarded(&released);
    WPP_INIT_TRACING(Driver, Path);
    UNREFERENCED_PARAMETER(Path);
    TraceEvents(TRACE_LEVEL_INFORMATION, TRACE_FLAG, "started %d", 1);
    Driver->DriverUnload = Unload;
    DbgPrint("returned %d, released %d\n", returned, released);
    KdPrint(("printed in a debug build\n"));
    return STATUS_SUCCESS;
}
