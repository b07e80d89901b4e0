// SPDX-License-Identifier: MIT
// Counted strings that describe a string with a NUL, which they borrow. The plain functions cut
// what is too long, as Windows does; the Ex functions refuse it.
#include <wdm.h>

#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// The most bytes that a counted string can describe, with its NUL.
constexpr std::size_t bytes_max = 0xFFFF;

template <typename String, typename Char>
void describe(String* string, Char* text, std::size_t characters) noexcept {
    string->Buffer = text;
    string->Length = static_cast<USHORT>(characters * sizeof(Char));
    string->MaximumLength =
        text == nullptr ? 0 : static_cast<USHORT>((characters + 1) * sizeof(Char));
}

template <typename String, typename Char>
void init(String* string, Char* text) noexcept {
    constexpr std::size_t characters_max = bytes_max / sizeof(Char) - 1;
    describe(string, text, text == nullptr ? 0 : bounded_length(text, characters_max));
}

template <typename String, typename Char>
NTSTATUS init_checked(String* string, Char* text) noexcept {
    constexpr std::size_t characters_max = bytes_max / sizeof(Char) - 1;
    const std::size_t length = text == nullptr ? 0 : bounded_length(text, characters_max + 1);
    if (length > characters_max) {
        return STATUS_NAME_TOO_LONG;
    }
    describe(string, text, length);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString) {
    init(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString) {
    init(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" VOID NTAPI RtlInitUTF8String(PUTF8_STRING DestinationString, PCSZ SourceString) {
    init(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString) {
    init(DestinationString, const_cast<PWSTR>(SourceString));
}

extern "C" NTSTATUS NTAPI RtlInitStringEx(PSTRING DestinationString, PCSZ SourceString) {
    return init_checked(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING DestinationString, PCSZ SourceString) {
    return init_checked(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" NTSTATUS NTAPI RtlInitUTF8StringEx(PUTF8_STRING DestinationString, PCSZ SourceString) {
    return init_checked(DestinationString, const_cast<PCHAR>(SourceString));
}

extern "C" NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString,
                                                 PCWSTR SourceString) {
    return init_checked(DestinationString, const_cast<PWSTR>(SourceString));
}

}  // namespace owsk::nt::rtl
