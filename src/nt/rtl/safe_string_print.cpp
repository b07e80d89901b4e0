// SPDX-License-Identifier: MIT
// RtlStringCbPrintf and its kin: formatted text, for both widths, in bytes and in characters.
#include <ntstrsafe.h>

#include "nt/rtl/format.h"
#include "nt/rtl/safe_string.h"

namespace owsk::nt::rtl {

namespace {

// Into a counted string: its MaximumLength is the room, and a NUL is not needed.
NTSTATUS print_counted(UNICODE_STRING* string, PCWSTR format, OWSK_VA_LIST list) noexcept {
    if (string == nullptr || (string->Buffer == nullptr && string->MaximumLength != 0)) {
        return STATUS_INVALID_PARAMETER;
    }
    BufferSink<WCHAR> sink(string->Buffer, string->MaximumLength / sizeof(WCHAR));
    Arguments arguments(list);
    format_text<WCHAR>(sink, format, arguments);
    string->Length = static_cast<USHORT>(sink.length() * sizeof(WCHAR));
    return sink.overflowed() ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

}  // namespace

extern "C" NTSTATUS NTAPI RtlStringCchVPrintfA(PSTR pszDest,
                                               size_t cchDest,
                                               PCSTR pszFormat,
                                               OWSK_VA_LIST argList) {
    return safe_print(pszDest, cchDest, pszFormat, argList);
}

extern "C" NTSTATUS NTAPI RtlStringCchPrintfA(PSTR pszDest, size_t cchDest, PCSTR pszFormat, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, pszFormat);
    const NTSTATUS status = safe_print(pszDest, cchDest, pszFormat, list);
    OWSK_VA_END(list);
    return status;
}

extern "C" NTSTATUS NTAPI RtlStringCchVPrintfW(PWSTR pszDest,
                                               size_t cchDest,
                                               PCWSTR pszFormat,
                                               OWSK_VA_LIST argList) {
    return safe_print(pszDest, cchDest, pszFormat, argList);
}

extern "C" NTSTATUS NTAPI RtlStringCchPrintfW(PWSTR pszDest,
                                              size_t cchDest,
                                              PCWSTR pszFormat,
                                              ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, pszFormat);
    const NTSTATUS status = safe_print(pszDest, cchDest, pszFormat, list);
    OWSK_VA_END(list);
    return status;
}

extern "C" NTSTATUS NTAPI RtlStringCbVPrintfA(PSTR pszDest,
                                              size_t cbDest,
                                              PCSTR pszFormat,
                                              OWSK_VA_LIST argList) {
    return safe_print(pszDest, cbDest, pszFormat, argList);
}

extern "C" NTSTATUS NTAPI RtlStringCbPrintfA(PSTR pszDest, size_t cbDest, PCSTR pszFormat, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, pszFormat);
    const NTSTATUS status = safe_print(pszDest, cbDest, pszFormat, list);
    OWSK_VA_END(list);
    return status;
}

extern "C" NTSTATUS NTAPI RtlStringCbVPrintfW(PWSTR pszDest,
                                              size_t cbDest,
                                              PCWSTR pszFormat,
                                              OWSK_VA_LIST argList) {
    return safe_print(pszDest, cbDest / sizeof(WCHAR), pszFormat, argList);
}

extern "C" NTSTATUS NTAPI RtlStringCbPrintfW(PWSTR pszDest, size_t cbDest, PCWSTR pszFormat, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, pszFormat);
    const NTSTATUS status = safe_print(pszDest, cbDest / sizeof(WCHAR), pszFormat, list);
    OWSK_VA_END(list);
    return status;
}

extern "C" NTSTATUS NTAPI RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString,
                                                  PCWSTR pszFormat,
                                                  OWSK_VA_LIST argList) {
    return print_counted(DestinationString, pszFormat, argList);
}

extern "C" NTSTATUS NTAPI RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString,
                                                 PCWSTR pszFormat,
                                                 ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, pszFormat);
    const NTSTATUS status = print_counted(DestinationString, pszFormat, list);
    OWSK_VA_END(list);
    return status;
}

}  // namespace owsk::nt::rtl
