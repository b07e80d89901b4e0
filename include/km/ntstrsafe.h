/* SPDX-License-Identifier: MIT */
/* Safe string functions; mirrors the WDK header ntstrsafe.h. IRQL PASSIVE_LEVEL for wide formats,
 * <= DISPATCH_LEVEL else. STATUS_BUFFER_OVERFLOW: the text was cut, and is NUL-terminated;
 * STATUS_INVALID_PARAMETER. Documentation: nf-ntstrsafe-rtlstringcbprintfa and so on. */
#ifndef OWSK_KM_NTSTRSAFE_H
#define OWSK_KM_NTSTRSAFE_H

#include <ntdef.h>
#include <ntstatus.h>
#include <stddef.h>

#include <owsk_wchar.h>

#define NTSTRSAFE_MAX_CCH 2147483647
#define NTSTRSAFE_MAX_LENGTH (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH (0xffff / sizeof(WCHAR))

typedef PSTR NTSTRSAFE_PSTR;
typedef PCSTR NTSTRSAFE_PCSTR;
typedef PWSTR NTSTRSAFE_PWSTR;
typedef PCWSTR NTSTRSAFE_PCWSTR;

#ifdef __cplusplus
extern "C" {
#endif

NTSYSAPI NTSTATUS NTAPI RtlStringCchCopyA(PSTR pszDest, size_t cchDest, PCSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCopyNA(PSTR pszDest, size_t cchDest, PCSTR pszSrc,
                                           size_t cchToCopy);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCatA(PSTR pszDest, size_t cchDest, PCSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCatNA(PSTR pszDest, size_t cchDest, PCSTR pszSrc,
                                          size_t cchToAppend);
NTSYSAPI NTSTATUS NTAPI RtlStringCchLengthA(PCSTR psz, size_t cchMax, size_t *pcchLength);
NTSYSAPI NTSTATUS NTAPI RtlStringCchPrintfA(PSTR pszDest, size_t cchDest, PCSTR pszFormat, ...);
NTSYSAPI NTSTATUS NTAPI RtlStringCchVPrintfA(PSTR pszDest, size_t cchDest, PCSTR pszFormat,
                                             OWSK_DRIVER_VA_LIST argList);

NTSYSAPI NTSTATUS NTAPI RtlStringCchCopyW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCopyNW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc,
                                           size_t cchToCopy);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCatW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCchCatNW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc,
                                          size_t cchToAppend);
NTSYSAPI NTSTATUS NTAPI RtlStringCchLengthW(PCWSTR psz, size_t cchMax, size_t *pcchLength);
NTSYSAPI NTSTATUS NTAPI RtlStringCchPrintfW(PWSTR pszDest, size_t cchDest, PCWSTR pszFormat, ...);
NTSYSAPI NTSTATUS NTAPI RtlStringCchVPrintfW(PWSTR pszDest, size_t cchDest, PCWSTR pszFormat,
                                             OWSK_DRIVER_VA_LIST argList);

NTSYSAPI NTSTATUS NTAPI RtlStringCbCopyA(PSTR pszDest, size_t cbDest, PCSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCopyNA(PSTR pszDest, size_t cbDest, PCSTR pszSrc,
                                          size_t cbToCopy);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCatA(PSTR pszDest, size_t cbDest, PCSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCatNA(PSTR pszDest, size_t cbDest, PCSTR pszSrc,
                                         size_t cbToAppend);
NTSYSAPI NTSTATUS NTAPI RtlStringCbLengthA(PCSTR psz, size_t cbMax, size_t *pcbLength);
NTSYSAPI NTSTATUS NTAPI RtlStringCbPrintfA(PSTR pszDest, size_t cbDest, PCSTR pszFormat, ...);
NTSYSAPI NTSTATUS NTAPI RtlStringCbVPrintfA(PSTR pszDest, size_t cbDest, PCSTR pszFormat,
                                            OWSK_DRIVER_VA_LIST argList);

NTSYSAPI NTSTATUS NTAPI RtlStringCbCopyW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCopyNW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc,
                                          size_t cbToCopy);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCatW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc);
NTSYSAPI NTSTATUS NTAPI RtlStringCbCatNW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc,
                                         size_t cbToAppend);
NTSYSAPI NTSTATUS NTAPI RtlStringCbLengthW(PCWSTR psz, size_t cbMax, size_t *pcbLength);
NTSYSAPI NTSTATUS NTAPI RtlStringCbPrintfW(PWSTR pszDest, size_t cbDest, PCWSTR pszFormat, ...);
NTSYSAPI NTSTATUS NTAPI RtlStringCbVPrintfW(PWSTR pszDest, size_t cbDest, PCWSTR pszFormat,
                                            OWSK_DRIVER_VA_LIST argList);

/* Into a counted string, whose MaximumLength is the room; no NUL is written. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString, PCWSTR pszFormat,
                                               ...);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString,
                                                PCWSTR pszFormat, OWSK_DRIVER_VA_LIST argList);

#ifdef __cplusplus
}
#endif

#endif /* OWSK_KM_NTSTRSAFE_H */
