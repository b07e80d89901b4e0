// SPDX-License-Identifier: MIT
// Formatted text by the rules of the Microsoft run time, which glibc does not know: 32-bit %lu,
// %I64x, %wZ, %S, 16-bit wide characters. For DbgPrint and ntstrsafe.
//
// Narrow text is UTF-8 and wide text UTF-16; one becomes the other where a format asks for it.
// The precision of a string counts the units that are read, so that a buffer without a NUL is safe.
// Floating point does not exist in the kernel: %f and its like are written as they stand.
#pragma once

#include "nt/rtl/text_sink.h"
#include "nt/rtl/va_list.h"

namespace owsk::nt::rtl {

template <typename Char>
void format_text(TextSink<Char>& sink, const Char* format, Arguments& arguments) noexcept;

}  // namespace owsk::nt::rtl
