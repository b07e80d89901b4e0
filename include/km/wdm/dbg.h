/* SPDX-License-Identifier: MIT */
/* Messages for the debugger, breakpoints and assertions; part of wdm.h. */
#ifndef OWSK_KM_WDM_DBG_H
#define OWSK_KM_WDM_DBG_H

#include <ntdef.h>

#include <owsk_wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Messages ------------------------------------------------------------------------------- */

#define DPFLTR_SYSTEM_ID 0
#define DPFLTR_SMSS_ID 1
#define DPFLTR_SETUP_ID 2
#define DPFLTR_NTFS_ID 3
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_IHVVIDEO_ID 78
#define DPFLTR_IHVAUDIO_ID 79
#define DPFLTR_IHVNETWORK_ID 80
#define DPFLTR_IHVSTREAMING_ID 81
#define DPFLTR_IHVBUS_ID 82
#define DPFLTR_DEFAULT_ID 101

#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#define DPFLTR_MASK 0x80000000

/* Writes a message; the format is that of the Microsoft run time. Any IRQL, but wide text only at
 * PASSIVE_LEVEL on Windows. Page nf-wdm-dbgprint. */
NTSYSAPI ULONG NTAPI DbgPrint(_In_ PCSTR Format, ...);

/* Writes a message if component and level are shown. Any IRQL. Page nf-wdm-dbgprintex. */
NTSYSAPI ULONG NTAPI DbgPrintEx(_In_ ULONG ComponentId, _In_ ULONG Level, _In_ PCSTR Format, ...);

/* The same with an argument list. Any IRQL. Page nf-wdm-vdbgprintex. */
NTSYSAPI ULONG NTAPI vDbgPrintEx(_In_ ULONG ComponentId, _In_ ULONG Level, _In_ PCCH Format,
                                 _In_ OWSK_DRIVER_VA_LIST arglist);
NTSYSAPI ULONG NTAPI vDbgPrintExWithPrefix(_In_ PCCH Prefix, _In_ ULONG ComponentId,
                                           _In_ ULONG Level, _In_ PCCH Format,
                                           _In_ OWSK_DRIVER_VA_LIST arglist);

/* ---- Breakpoints and assertions ------------------------------------------------------------- */

/* Stops in the debugger. Any IRQL. Page nf-wdm-dbgbreakpoint. */
NTSYSAPI VOID NTAPI DbgBreakPoint(VOID);
NTSYSAPI VOID NTAPI DbgBreakPointWithStatus(_In_ ULONG Status);

/* What ASSERT calls. Any IRQL. */
NTSYSAPI VOID NTAPI RtlAssert(_In_ PVOID VoidFailedAssertion, _In_ PVOID VoidFileName,
                              _In_ ULONG LineNumber, _In_opt_ PSTR MutableMessage);

#ifndef DbgRaiseAssertionFailure
#define DbgRaiseAssertionFailure()                                                                \
  RtlAssert((PVOID) "DbgRaiseAssertionFailure()", (PVOID)__FILE__, __LINE__, NULL)
#endif

#ifndef __debugbreak
#define __debugbreak() DbgBreakPoint()
#endif

#ifdef __cplusplus
}
#endif

/* Debug builds print and check, release builds do not, as with the WDK. */
#if defined(DBG) && DBG
#define KdPrint(x) DbgPrint x
#define KdPrintEx(x) DbgPrintEx x
#define OWSK_ASSERTION_FAILED(text, message)                                                       \
  RtlAssert((PVOID)(ULONG_PTR)(text), (PVOID)(ULONG_PTR)__FILE__, __LINE__,                        \
            (PSTR)(ULONG_PTR)(message))
#define ASSERT(e) ((e) ? (VOID)0 : OWSK_ASSERTION_FAILED(#e, NULL))
#define ASSERTMSG(m, e) ((e) ? (VOID)0 : OWSK_ASSERTION_FAILED(#e, m))
#define NT_VERIFY(e) ((e) ? TRUE : (OWSK_ASSERTION_FAILED(#e, NULL), FALSE))
#else
#define KdPrint(x) ((VOID)0)
#define KdPrintEx(x) ((VOID)0)
#define ASSERT(e) ((VOID)0)
#define ASSERTMSG(m, e) ((VOID)0)
#define NT_VERIFY(e) ((e) ? TRUE : FALSE)
#endif
#define RTL_SOFT_ASSERT ASSERT
#define NT_ASSERT ASSERT
#define KdBreakPoint DbgBreakPoint

#endif /* OWSK_KM_WDM_DBG_H */
