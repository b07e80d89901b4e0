// SPDX-License-Identifier: MIT
// RtlUTF8ToUnicodeN and RtlUnicodeToUTF8N: conversions of raw buffers, counted in bytes.
#include <ntifs.h>

#include <span>

#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// With a null `to`, only `written` is set: to what the whole text needs. A character is written
// whole or not at all.
template <typename To, typename From>
NTSTATUS convert(To* to, ULONG room, ULONG* written, std::span<const From> text) noexcept {
    std::size_t length = 0;
    NTSTATUS status = STATUS_SUCCESS;
    while (!text.empty()) {
        const Decoded next = decode(text);
        const Encoded<To> encoded = encode<To>(next.code_point);
        if (to != nullptr) {
            if (encoded.length > room / sizeof(To) - length) {
                status = STATUS_BUFFER_TOO_SMALL;
                break;
            }
            for (std::size_t i = 0; i < encoded.length; ++i) {
                to[length + i] = encoded.units[i];
            }
        }
        length += encoded.length;
        if (!next.well_formed) {
            status = STATUS_SOME_NOT_MAPPED;
        }
        text = text.subspan(next.length);
    }
    if (written != nullptr) {
        *written = static_cast<ULONG>(length * sizeof(To));
    }
    return status;
}

}  // namespace

// RtlUTF8ToUnicodeN: UTF-8 to UTF-16, without a NUL.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_SOME_NOT_MAPPED (a success) if U+FFFD stands for ill-formed bytes,
//            STATUS_BUFFER_TOO_SMALL with what fits written
extern "C" NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination,
                                            ULONG UnicodeStringMaxByteCount,
                                            PULONG UnicodeStringActualByteCount,
                                            PCCH UTF8StringSource,
                                            ULONG UTF8StringByteCount) {
    if (UTF8StringSource == nullptr) {
        return STATUS_INVALID_PARAMETER_4;
    }
    if (UnicodeStringDestination == nullptr && UnicodeStringActualByteCount == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    return convert(UnicodeStringDestination,
                   UnicodeStringMaxByteCount,
                   UnicodeStringActualByteCount,
                   std::span(UTF8StringSource, UTF8StringByteCount));
}

// RtlUnicodeToUTF8N: UTF-16 to UTF-8, without a NUL. The rules are those of RtlUTF8ToUnicodeN.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_INVALID_PARAMETER_5 if the source is not whole 16-bit units
extern "C" NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR UTF8StringDestination,
                                            ULONG UTF8StringMaxByteCount,
                                            PULONG UTF8StringActualByteCount,
                                            PCWCH UnicodeStringSource,
                                            ULONG UnicodeStringByteCount) {
    if (UnicodeStringSource == nullptr) {
        return STATUS_INVALID_PARAMETER_4;
    }
    if (UTF8StringDestination == nullptr && UTF8StringActualByteCount == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    if (UnicodeStringByteCount % sizeof(WCHAR) != 0) {
        return STATUS_INVALID_PARAMETER_5;
    }
    return convert(UTF8StringDestination,
                   UTF8StringMaxByteCount,
                   UTF8StringActualByteCount,
                   std::span(UnicodeStringSource, UnicodeStringByteCount / sizeof(WCHAR)));
}

}  // namespace owsk::nt::rtl
