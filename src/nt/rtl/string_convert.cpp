// SPDX-License-Identifier: MIT
// ANSI strings to Unicode strings and back. The ANSI code page of a machine is UTF-8 (code page
// 65001, which Windows offers too): narrow text is UTF-8 everywhere on Linux.
#include <wdm.h>

#include <span>

#include "nt/rtl/string_pool.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// How many units of type `To` a text has.
template <typename To, typename From>
std::size_t converted_length(std::span<const From> text) noexcept {
    std::size_t length = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        length += encode<To>(next.code_point).length;
        text = text.subspan(next.length);
    }
    return length;
}

// Writes whole characters while there is room; returns the units written.
template <typename To, typename From>
std::size_t convert(std::span<const From> text, To* to, std::size_t room) noexcept {
    std::size_t length = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        const Encoded<To> encoded = encode<To>(next.code_point);
        if (encoded.length > room - length) {
            break;
        }
        for (std::size_t i = 0; i < encoded.length; ++i) {
            to[length++] = encoded.units[i];
        }
        text = text.subspan(next.length);
    }
    return length;
}

// Points `destination` to a new buffer for `bytes` bytes and a NUL.
template <typename Char, typename String>
NTSTATUS allocate(String* destination, std::size_t bytes) noexcept {
    auto* const buffer = static_cast<Char*>(allocate_string(bytes));
    if (buffer == nullptr) {
        return STATUS_NO_MEMORY;
    }
    destination->Buffer = buffer;
    destination->MaximumLength = static_cast<USHORT>(bytes);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" ULONG NTAPI RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString) {
    return static_cast<ULONG>((converted_length<WCHAR>(characters(AnsiString)) + 1) *
                              sizeof(WCHAR));
}

extern "C" ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString) {
    return static_cast<ULONG>(converted_length<char>(characters(UnicodeString)) + 1);
}

// RtlAnsiStringToUnicodeString: a Unicode string of the same text, with a NUL.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_BUFFER_OVERFLOW if text and NUL do not fit; then nothing is written
extern "C" NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString,
                                                       PCANSI_STRING SourceString,
                                                       BOOLEAN AllocateDestinationString) {
    const ULONG bytes = RtlxAnsiStringToUnicodeSize(SourceString);
    if (bytes > UNICODE_STRING_MAX_BYTES) {
        return STATUS_INVALID_PARAMETER_2;
    }
    if (AllocateDestinationString != FALSE) {
        const NTSTATUS status = allocate<WCHAR>(DestinationString, bytes);
        if (!NT_SUCCESS(status)) {
            return status;
        }
    } else if (bytes > DestinationString->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    const std::size_t length = bytes / sizeof(WCHAR) - 1;
    convert(characters(SourceString), DestinationString->Buffer, length);
    DestinationString->Buffer[length] = 0;
    DestinationString->Length = static_cast<USHORT>(length * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

// RtlUnicodeStringToAnsiString: an ANSI string of the same text, with a NUL.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_BUFFER_OVERFLOW if text and NUL do not fit; then the beginning is written
extern "C" NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString,
                                                       PCUNICODE_STRING SourceString,
                                                       BOOLEAN AllocateDestinationString) {
    const ULONG bytes = RtlxUnicodeStringToAnsiSize(SourceString);
    if (bytes > 0xFFFF) {
        return STATUS_INVALID_PARAMETER_2;
    }
    if (AllocateDestinationString != FALSE) {
        const NTSTATUS status = allocate<CHAR>(DestinationString, bytes);
        if (!NT_SUCCESS(status)) {
            return status;
        }
    } else if (DestinationString->MaximumLength == 0) {
        return STATUS_BUFFER_OVERFLOW;
    }
    const std::size_t room = DestinationString->MaximumLength - 1U;
    const std::size_t length = convert(characters(SourceString), DestinationString->Buffer, room);
    DestinationString->Buffer[length] = 0;
    DestinationString->Length = static_cast<USHORT>(length);
    return bytes > DestinationString->MaximumLength ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

extern "C" VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString) {
    free_string(AnsiString);
}

extern "C" VOID NTAPI RtlFreeUTF8String(PUTF8_STRING Utf8String) {
    free_string(Utf8String);
}

extern "C" VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString) {
    free_string(UnicodeString);
}

}  // namespace owsk::nt::rtl
