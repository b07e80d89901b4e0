// SPDX-License-Identifier: MIT
// The report of a pointer that leads nowhere.
#include "nt/mm/foreign.h"

#include <string>

#include "nt/ke/bug_check.h"

namespace owsk::nt::mm {

void refuse_wild_pointer(const void* pointer, const char* what, const char* function) noexcept {
    ke::broken_rule(Rule::wild_pointer_passed,
                    {.parameters = {reinterpret_cast<ULONG_PTR>(pointer), 0, 0, 0},
                     .sentence = std::string(function) + " was given " + what +
                                 " at an address where there is no memory" +
                                 (pointer == nullptr ? " (NULL)." : ".")});
}

}  // namespace owsk::nt::mm
