/* SPDX-License-Identifier: MIT */
/* Wide-character functions on the 16-bit characters of Windows. With -fshort-wchar the host's own
 * functions of these names would read 32-bit characters, so calls are redirected to ours. The host's
 * header comes first, because it declares the plain names. */
#ifndef OWSK_KM_OWSK_WCHAR_H
#define OWSK_KM_OWSK_WCHAR_H

#include <ntdef.h>

#include <stdarg.h>
#include <stddef.h>

#if defined(__cplusplus) && __has_include(<cwchar>)
#include <cwchar>
#elif __has_include(<wchar.h>)
#include <wchar.h>
#endif

/* The argument list of a driver's function: the calling convention decides what it is. */
#ifndef OWSK_DRIVER_VA_LIST
#if defined(OWSK_WIN64_ABI) && !defined(_WIN32)
#define OWSK_DRIVER_VA_LIST __builtin_ms_va_list
#else
#define OWSK_DRIVER_VA_LIST va_list
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

NTKERNELAPI SIZE_T NTAPI _owsk_wcslen(PCWSTR string);
NTKERNELAPI SIZE_T NTAPI _owsk_wcsnlen(PCWSTR string, SIZE_T count);
NTKERNELAPI PWSTR NTAPI _owsk_wcscpy(PWSTR destination, PCWSTR source);
NTKERNELAPI PWSTR NTAPI _owsk_wcsncpy(PWSTR destination, PCWSTR source, SIZE_T count);
NTKERNELAPI PWSTR NTAPI _owsk_wcscat(PWSTR destination, PCWSTR source);
NTKERNELAPI PWSTR NTAPI _owsk_wcsncat(PWSTR destination, PCWSTR source, SIZE_T count);
NTKERNELAPI int NTAPI _owsk_wcscmp(PCWSTR left, PCWSTR right);
NTKERNELAPI int NTAPI _owsk_wcsncmp(PCWSTR left, PCWSTR right, SIZE_T count);
NTKERNELAPI int NTAPI _owsk_wcsicmp(PCWSTR left, PCWSTR right);
NTKERNELAPI int NTAPI _owsk_wcsnicmp(PCWSTR left, PCWSTR right, SIZE_T count);
NTKERNELAPI PWSTR NTAPI _owsk_wcschr(PCWSTR string, WCHAR character);
NTKERNELAPI PWSTR NTAPI _owsk_wcsrchr(PCWSTR string, WCHAR character);
NTKERNELAPI PWSTR NTAPI _owsk_wcsstr(PCWSTR string, PCWSTR part);
NTKERNELAPI PWSTR NTAPI _owsk_wcsupr(PWSTR string);
NTKERNELAPI PWSTR NTAPI _owsk_wcslwr(PWSTR string);

/* The formatting functions of the Microsoft run time. Those with an underscore write no NUL when the
 * text fills the buffer; all return -1 when it does not fit. */
NTKERNELAPI int NTAPI _snprintf(PSTR buffer, SIZE_T count, PCSTR format, ...);
NTKERNELAPI int NTAPI _vsnprintf(PSTR buffer, SIZE_T count, PCSTR format,
                                 OWSK_DRIVER_VA_LIST arguments);
NTKERNELAPI int NTAPI _snwprintf(PWSTR buffer, SIZE_T count, PCWSTR format, ...);
NTKERNELAPI int NTAPI _vsnwprintf(PWSTR buffer, SIZE_T count, PCWSTR format,
                                  OWSK_DRIVER_VA_LIST arguments);
NTKERNELAPI int NTAPI _owsk_swprintf(PWSTR buffer, SIZE_T count, PCWSTR format, ...);
NTKERNELAPI int NTAPI _owsk_vswprintf(PWSTR buffer, SIZE_T count, PCWSTR format,
                                      OWSK_DRIVER_VA_LIST arguments);

#ifdef __cplusplus
}
#endif

#define wcslen(string) _owsk_wcslen(string)
#define wcsnlen(string, count) _owsk_wcsnlen(string, count)
#define wcscpy(destination, source) _owsk_wcscpy(destination, source)
#define wcsncpy(destination, source, count) _owsk_wcsncpy(destination, source, count)
#define wcscat(destination, source) _owsk_wcscat(destination, source)
#define wcsncat(destination, source, count) _owsk_wcsncat(destination, source, count)
#define wcscmp(left, right) _owsk_wcscmp(left, right)
#define wcsncmp(left, right, count) _owsk_wcsncmp(left, right, count)
#define _wcsicmp(left, right) _owsk_wcsicmp(left, right)
#define _wcsnicmp(left, right, count) _owsk_wcsnicmp(left, right, count)
#define wcschr(string, character) _owsk_wcschr(string, character)
#define wcsrchr(string, character) _owsk_wcsrchr(string, character)
#define wcsstr(string, part) _owsk_wcsstr(string, part)
#define _wcsupr(string) _owsk_wcsupr(string)
#define _wcslwr(string) _owsk_wcslwr(string)
#define swprintf(...) _owsk_swprintf(__VA_ARGS__)
#define vswprintf(...) _owsk_vswprintf(__VA_ARGS__)

#endif /* OWSK_KM_OWSK_WCHAR_H */
