// SPDX-License-Identifier: MIT
// The report of a pointer that leads nowhere.
#include "nt/mm/foreign.h"

#include <bugcodes.h>

#include <string>

#include "nt/ke/bug_check.h"

namespace owsk::nt::mm {

void refuse_wild_pointer(const void* pointer, const char* what, const char* function) noexcept {
    ke::bug_check({.code = PAGE_FAULT_IN_NONPAGED_AREA,
                   .parameters = {reinterpret_cast<ULONG_PTR>(pointer), 0, 0, 0},
                   .rule = "wild-pointer",
                   .sentence = std::string(function) + " was given " + what +
                               " at an address where there is no memory" +
                               (pointer == nullptr ? " (NULL)." : ".")});
}

}  // namespace owsk::nt::mm
