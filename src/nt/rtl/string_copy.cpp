// SPDX-License-Identifier: MIT
// Copying into counted strings. Copy cuts what does not fit, Append refuses it; a NUL is added
// where there is room, because drivers like to read the buffer as a C string.
#include <wdm.h>

#include <algorithm>
#include <cstring>

#include "nt/rtl/string_pool.h"
#include "nt/rtl/upcase.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

template <typename Char, typename String>
void terminate_if_room(String* string) noexcept {
    if (string->Length + sizeof(Char) <= string->MaximumLength) {
        string->Buffer[string->Length / sizeof(Char)] = 0;
    }
}

template <typename Char, typename String>
void copy(String* destination, const String* source) noexcept {
    if (source == nullptr) {
        destination->Length = 0;
        return;
    }
    destination->Length = std::min(source->Length, destination->MaximumLength);
    if (destination->Length != 0) {
        std::memmove(destination->Buffer, source->Buffer, destination->Length);
    }
    terminate_if_room<Char>(destination);
}

template <typename Char, typename String>
NTSTATUS append(String* destination, std::span<const Char> text) noexcept {
    if (text.empty()) {
        return STATUS_SUCCESS;
    }
    const std::size_t length = destination->Length + text.size_bytes();
    if (length > destination->MaximumLength) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    std::memmove(
        destination->Buffer + destination->Length / sizeof(Char), text.data(), text.size_bytes());
    destination->Length = static_cast<USHORT>(length);
    terminate_if_room<Char>(destination);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING* SourceString) {
    copy<CHAR>(DestinationString, SourceString);
}

extern "C" VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString,
                                           PCUNICODE_STRING SourceString) {
    copy<WCHAR>(DestinationString, SourceString);
}

extern "C" NTSTATUS NTAPI RtlAppendStringToString(PSTRING Destination, const STRING* Source) {
    return append(Destination, characters(Source));
}

extern "C" NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination,
                                                         PCUNICODE_STRING Source) {
    return append(Destination, characters(Source));
}

extern "C" NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source) {
    const std::size_t length = Source == nullptr ? 0 : bounded_length(Source);
    return append(Destination, std::span(Source, length));
}

extern "C" WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter) {
    return upcase(SourceCharacter);
}

extern "C" CHAR NTAPI RtlUpperChar(CHAR Character) {
    return upcase(Character);
}

extern "C" VOID NTAPI RtlUpperString(PSTRING DestinationString, const STRING* SourceString) {
    DestinationString->Length = std::min(SourceString->Length, DestinationString->MaximumLength);
    for (USHORT i = 0; i < DestinationString->Length; ++i) {
        DestinationString->Buffer[i] = upcase(SourceString->Buffer[i]);
    }
}

extern "C" NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString,
                                                 PCUNICODE_STRING SourceString,
                                                 BOOLEAN AllocateDestinationString) {
    if (AllocateDestinationString != FALSE) {
        DestinationString->Buffer = static_cast<PWCH>(allocate_string(SourceString->Length));
        if (DestinationString->Buffer == nullptr) {
            return STATUS_NO_MEMORY;
        }
        DestinationString->MaximumLength = SourceString->Length;
    } else if (SourceString->Length > DestinationString->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    DestinationString->Length = SourceString->Length;
    for (std::size_t i = 0; i < SourceString->Length / sizeof(WCHAR); ++i) {
        DestinationString->Buffer[i] = upcase(SourceString->Buffer[i]);
    }
    return STATUS_SUCCESS;
}

}  // namespace owsk::nt::rtl
