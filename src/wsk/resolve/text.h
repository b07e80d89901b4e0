// SPDX-License-Identifier: MIT
// Names as drivers write them, UNICODE_STRINGs, to UTF-8 and back.
#pragma once

#include <wdm.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace owsk::wsk {

// The string that `function` was given leads to memory, and so does its buffer, as far as it is
// used: up to its Length, or up to its MaximumLength if the function writes there.
void require_string(const UNICODE_STRING* string, const char* function) noexcept;
void require_room(const UNICODE_STRING* string, const char* function) noexcept;

// Empty for no string, and for one without a length. STATUS_INVALID_PARAMETER for one that is
// broken: an odd Length, one without a buffer or beyond it, a NUL inside, half a surrogate pair.
Result<std::string> text_of(const UNICODE_STRING* string);

// Whether the text fits, with its NUL.
bool has_room(const UNICODE_STRING& string, std::string_view text);
// Writes it, with a NUL that Length does not count. Precondition: it fits.
void write_text(std::string_view text, UNICODE_STRING& string);

}  // namespace owsk::wsk
