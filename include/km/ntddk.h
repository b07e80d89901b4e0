/* SPDX-License-Identifier: MIT */
/* What driver code includes first; mirrors the WDK header ntddk.h on top of wdm.h. */
#ifndef OWSK_KM_NTDDK_H
#define OWSK_KM_NTDDK_H
#define _NTDDK_

#include <wdm.h>

/* C only: in C++ these names would break the standard library. */
#if !defined(__cplusplus) && !defined(NOMINMAX)
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the id of a process. Any IRQL. Page nf-ntddk-psgetprocessid. */
NTKERNELAPI HANDLE NTAPI PsGetProcessId(_In_ PEPROCESS Process);

/* Returns the id of the process that a thread belongs to. Any IRQL.
 * Page nf-ntddk-psgetthreadprocessid. */
NTKERNELAPI HANDLE NTAPI PsGetThreadProcessId(_In_ PETHREAD Thread);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_NTDDK_H */
