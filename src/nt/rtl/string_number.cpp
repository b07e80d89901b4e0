// SPDX-License-Identifier: MIT
// Numbers to counted strings and back.
#include <wdm.h>

#include <cstdint>
#include <span>

#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

bool is_known_base(ULONG base) noexcept {
    return base == 2 || base == 8 || base == 10 || base == 16;
}

NTSTATUS number_to_string(std::uint64_t value, ULONG base, UNICODE_STRING* string) noexcept {
    if (base == 0) {
        base = 10;
    }
    if (!is_known_base(base)) {
        return STATUS_INVALID_PARAMETER;
    }
    WCHAR digits[64];
    std::size_t first = 64;
    do {
        digits[--first] = static_cast<WCHAR>("0123456789ABCDEF"[value % base]);
        value /= base;
    } while (value != 0);
    const std::size_t count = 64 - first;
    if (count * sizeof(WCHAR) > string->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (std::size_t i = 0; i < count; ++i) {
        string->Buffer[i] = digits[first + i];
    }
    string->Length = static_cast<USHORT>(count * sizeof(WCHAR));
    if (string->Length + sizeof(WCHAR) <= string->MaximumLength) {
        string->Buffer[count] = 0;
    }
    return STATUS_SUCCESS;
}

template <typename Char>
ULONG digit_value(Char unit) noexcept {
    if (unit >= '0' && unit <= '9') {
        return static_cast<ULONG>(unit - '0');
    }
    if (unit >= 'a' && unit <= 'z') {
        return static_cast<ULONG>(unit - 'a') + 10;
    }
    if (unit >= 'A' && unit <= 'Z') {
        return static_cast<ULONG>(unit - 'A') + 10;
    }
    return UINT32_MAX;
}

template <typename Char>
ULONG base_of_prefix(std::span<const Char>& text) noexcept {
    if (text.size() < 2 || text[0] != '0') {
        return 10;
    }
    const Char letter = text[1];
    const ULONG base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base != 10) {
        text = text.subspan(2);
    }
    return base;
}

// White space, a sign, a prefix when the base is 0, then digits as far as they go: what cannot be
// read counts as nothing, and what overflows wraps around, as on Windows.
template <typename Char>
NTSTATUS string_to_number(std::span<const Char> text, ULONG base, ULONG* value) noexcept {
    while (!text.empty() && text[0] > 0 && text[0] <= ' ') {
        text = text.subspan(1);
    }
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text = text.subspan(1);
    }
    if (base == 0) {
        base = base_of_prefix(text);
    } else if (!is_known_base(base)) {
        return STATUS_INVALID_PARAMETER;
    }
    ULONG number = 0;
    for (const Char unit : text) {
        if (digit_value(unit) >= base) {
            break;
        }
        number = number * base + digit_value(unit);
    }
    *value = negative ? 0 - number : number;
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value,
                                                    ULONG Base,
                                                    PUNICODE_STRING String) {
    return number_to_string(Value, Base, String);
}

extern "C" NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value,
                                                  ULONG Base,
                                                  PUNICODE_STRING String) {
    return number_to_string(Value, Base, String);
}

extern "C" NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String,
                                                    ULONG Base,
                                                    PULONG Value) {
    return string_to_number(characters(String), Base, Value);
}

extern "C" NTSTATUS NTAPI RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value) {
    return string_to_number(std::span(String, bounded_length(String)), Base, Value);
}

}  // namespace owsk::nt::rtl
