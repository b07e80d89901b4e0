// SPDX-License-Identifier: MIT
// Upper case as case-insensitive names need it: one unit becomes one unit, in no locale.
#pragma once

#include <ntdef.h>

#include <string>
#include <string_view>

namespace owsk::nt::rtl {

// Latin, Greek, Cyrillic and Armenian letters; others stay as they are.
WCHAR upcase(WCHAR unit) noexcept;
// ASCII only: a byte of a UTF-8 sequence has no case of its own.
char upcase(char unit) noexcept;

// As what a name is found, whatever its case. The second one is UTF-8.
std::u16string upcased(std::u16string name);
std::string upcased(std::string_view name);

}  // namespace owsk::nt::rtl
