// SPDX-License-Identifier: MIT
// RtlStringCbCopy and its kin: copying and measuring, for both widths, in bytes and in characters.
#include <ntstrsafe.h>

#include "nt/rtl/safe_string.h"

namespace owsk::nt::rtl {

extern "C" NTSTATUS NTAPI RtlStringCchCopyA(PSTR pszDest, size_t cchDest, PCSTR pszSrc) {
    return safe_copy(pszDest, cchDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCchCopyNA(PSTR pszDest,
                                             size_t cchDest,
                                             PCSTR pszSrc,
                                             size_t cchToCopy) {
    return safe_copy(pszDest, cchDest, pszSrc, cchToCopy);
}

extern "C" NTSTATUS NTAPI RtlStringCchCatA(PSTR pszDest, size_t cchDest, PCSTR pszSrc) {
    return safe_append(pszDest, cchDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCchCatNA(PSTR pszDest,
                                            size_t cchDest,
                                            PCSTR pszSrc,
                                            size_t cchToAppend) {
    return safe_append(pszDest, cchDest, pszSrc, cchToAppend);
}

extern "C" NTSTATUS NTAPI RtlStringCchLengthA(PCSTR psz, size_t cchMax, size_t* pcchLength) {
    return safe_length(psz, cchMax, pcchLength);
}

extern "C" NTSTATUS NTAPI RtlStringCchCopyW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc) {
    return safe_copy(pszDest, cchDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCchCopyNW(PWSTR pszDest,
                                             size_t cchDest,
                                             PCWSTR pszSrc,
                                             size_t cchToCopy) {
    return safe_copy(pszDest, cchDest, pszSrc, cchToCopy);
}

extern "C" NTSTATUS NTAPI RtlStringCchCatW(PWSTR pszDest, size_t cchDest, PCWSTR pszSrc) {
    return safe_append(pszDest, cchDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCchCatNW(PWSTR pszDest,
                                            size_t cchDest,
                                            PCWSTR pszSrc,
                                            size_t cchToAppend) {
    return safe_append(pszDest, cchDest, pszSrc, cchToAppend);
}

extern "C" NTSTATUS NTAPI RtlStringCchLengthW(PCWSTR psz, size_t cchMax, size_t* pcchLength) {
    return safe_length(psz, cchMax, pcchLength);
}

extern "C" NTSTATUS NTAPI RtlStringCbCopyA(PSTR pszDest, size_t cbDest, PCSTR pszSrc) {
    return safe_copy(pszDest, cbDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCbCopyNA(PSTR pszDest,
                                            size_t cbDest,
                                            PCSTR pszSrc,
                                            size_t cbToCopy) {
    return safe_copy(pszDest, cbDest, pszSrc, cbToCopy);
}

extern "C" NTSTATUS NTAPI RtlStringCbCatA(PSTR pszDest, size_t cbDest, PCSTR pszSrc) {
    return safe_append(pszDest, cbDest, pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCbCatNA(PSTR pszDest,
                                           size_t cbDest,
                                           PCSTR pszSrc,
                                           size_t cbToAppend) {
    return safe_append(pszDest, cbDest, pszSrc, cbToAppend);
}

extern "C" NTSTATUS NTAPI RtlStringCbLengthA(PCSTR psz, size_t cbMax, size_t* pcbLength) {
    return safe_length(psz, cbMax, pcbLength);
}

extern "C" NTSTATUS NTAPI RtlStringCbCopyW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc) {
    return safe_copy(pszDest, cbDest / sizeof(WCHAR), pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCbCopyNW(PWSTR pszDest,
                                            size_t cbDest,
                                            PCWSTR pszSrc,
                                            size_t cbToCopy) {
    return safe_copy(pszDest, cbDest / sizeof(WCHAR), pszSrc, cbToCopy / sizeof(WCHAR));
}

extern "C" NTSTATUS NTAPI RtlStringCbCatW(PWSTR pszDest, size_t cbDest, PCWSTR pszSrc) {
    return safe_append(pszDest, cbDest / sizeof(WCHAR), pszSrc);
}

extern "C" NTSTATUS NTAPI RtlStringCbCatNW(PWSTR pszDest,
                                           size_t cbDest,
                                           PCWSTR pszSrc,
                                           size_t cbToAppend) {
    return safe_append(pszDest, cbDest / sizeof(WCHAR), pszSrc, cbToAppend / sizeof(WCHAR));
}

extern "C" NTSTATUS NTAPI RtlStringCbLengthW(PCWSTR psz, size_t cbMax, size_t* pcbLength) {
    const NTSTATUS status = safe_length(psz, cbMax / sizeof(WCHAR), pcbLength);
    if (pcbLength != nullptr) {
        *pcbLength *= sizeof(WCHAR);
    }
    return status;
}

}  // namespace owsk::nt::rtl
