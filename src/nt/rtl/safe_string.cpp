// SPDX-License-Identifier: MIT
// Strings that never leave their buffer.
#include "nt/rtl/safe_string.h"

#include "nt/rtl/format.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

template <typename Char>
bool is_usable(const Char* destination, std::size_t room) noexcept {
    return destination != nullptr && room != 0 && room <= safe_room_max;
}

}  // namespace

template <typename Char>
NTSTATUS safe_length(const Char* text, std::size_t room, std::size_t* length) noexcept {
    const bool sensible = text != nullptr && room <= safe_room_max;
    const std::size_t found = sensible ? bounded_length(text, room) : room;
    const bool ends = sensible && found < room;
    if (length != nullptr) {
        *length = ends ? found : 0;
    }
    return ends ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

template <typename Char>
NTSTATUS safe_copy(Char* destination,
                   std::size_t room,
                   const Char* source,
                   std::size_t limit) noexcept {
    if (!is_usable(destination, room)) {
        return STATUS_INVALID_PARAMETER;
    }
    std::size_t length = 0;
    while (length < limit && source[length] != 0) {
        if (length + 1 == room) {
            destination[length] = 0;
            return STATUS_BUFFER_OVERFLOW;
        }
        destination[length] = source[length];
        ++length;
    }
    destination[length] = 0;
    return STATUS_SUCCESS;
}

template <typename Char>
NTSTATUS safe_append(Char* destination,
                     std::size_t room,
                     const Char* source,
                     std::size_t limit) noexcept {
    std::size_t length = 0;
    const NTSTATUS status = safe_length(destination, room, &length);
    return NT_SUCCESS(status) ? safe_copy(destination + length, room - length, source, limit)
                              : status;
}

template <typename Char>
NTSTATUS safe_print(Char* destination,
                    std::size_t room,
                    const Char* format,
                    OWSK_VA_LIST list) noexcept {
    if (!is_usable(destination, room)) {
        return STATUS_INVALID_PARAMETER;
    }
    BufferSink<Char> sink(destination, room - 1);
    Arguments arguments(list);
    format_text<Char>(sink, format, arguments);
    destination[sink.length()] = 0;
    return sink.overflowed() ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

template NTSTATUS safe_length(const char*, std::size_t, std::size_t*) noexcept;
template NTSTATUS safe_length(const WCHAR*, std::size_t, std::size_t*) noexcept;
template NTSTATUS safe_copy(char*, std::size_t, const char*, std::size_t) noexcept;
template NTSTATUS safe_copy(WCHAR*, std::size_t, const WCHAR*, std::size_t) noexcept;
template NTSTATUS safe_append(char*, std::size_t, const char*, std::size_t) noexcept;
template NTSTATUS safe_append(WCHAR*, std::size_t, const WCHAR*, std::size_t) noexcept;
template NTSTATUS safe_print(char*, std::size_t, const char*, OWSK_VA_LIST) noexcept;
template NTSTATUS safe_print(WCHAR*, std::size_t, const WCHAR*, OWSK_VA_LIST) noexcept;

}  // namespace owsk::nt::rtl
