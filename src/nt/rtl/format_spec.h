// SPDX-License-Identifier: MIT
// One conversion specification of a Microsoft format string, such as %-8I64x, taken apart.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nt/rtl/va_list.h"

namespace owsk::nt::rtl {

enum class FormatSize : std::uint8_t {
    none,
    byte,     // hh
    half,     // h
    word32,   // l, I32: C long has 32 bits
    word64,   // ll, I64, j
    pointer,  // I, z, t
    wide,     // w
};

struct FormatSpec {
    bool left_aligned = false;
    bool plus_sign = false;
    bool space_sign = false;
    bool alternate = false;
    bool zero_padded = false;
    std::size_t width = 0;
    bool has_precision = false;
    std::size_t precision = 0;
    FormatSize size = FormatSize::none;
    char conversion = 0;     // 0: the format string ended inside the specification
    std::size_t length = 0;  // units after the percent sign
};

// Precondition: `text` is what follows the percent sign. Takes the arguments of each `*`.
template <typename Char>
FormatSpec parse_format_spec(const Char* text, Arguments& arguments) noexcept;

}  // namespace owsk::nt::rtl
