// SPDX-License-Identifier: MIT
// What all functions of ntstrsafe.h come down to, for both widths. Room and lengths count
// characters.
//
// STATUS_BUFFER_OVERFLOW means that the text was cut; it ends with a NUL even then.
// STATUS_INVALID_PARAMETER means that the buffer, its size or its content makes no sense.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>

#include <cstddef>
#include <cstdint>

#include "nt/rtl/va_list.h"

namespace owsk::nt::rtl {

// The documented limit, NTSTRSAFE_MAX_CCH.
inline constexpr std::size_t safe_room_max = 0x7FFFFFFF;

template <typename Char>
NTSTATUS safe_length(const Char* text, std::size_t room, std::size_t* length) noexcept;

// Takes `limit` characters of the source at most.
template <typename Char>
NTSTATUS safe_copy(Char* destination,
                   std::size_t room,
                   const Char* source,
                   std::size_t limit = SIZE_MAX) noexcept;
template <typename Char>
NTSTATUS safe_append(Char* destination,
                     std::size_t room,
                     const Char* source,
                     std::size_t limit = SIZE_MAX) noexcept;

template <typename Char>
NTSTATUS safe_print(Char* destination,
                    std::size_t room,
                    const Char* format,
                    OWSK_VA_LIST list) noexcept;

}  // namespace owsk::nt::rtl
