// SPDX-License-Identifier: MIT
// Crash: an error that the processor has found, or an abort, and the bug check that Windows makes
// of it.
#pragma once

#include <cstdint>

#include "nt/ke/bug_check.h"

namespace owsk::nt::ke {

struct Crash {
    enum class Kind : std::uint8_t {
        access,          // to an address that is not mapped, or forbids it
        odd_access,      // the processor does not say to which: it cannot be an address
        stack_overflow,  // below the end of the thread's stack
        division,
        instruction,  // that no processor has
        breakpoint,   // without a debugger
        abort,        // an error that we, the C library or the C++ runtime have found
        no_memory,    // the same for memory that could not be had
    };
    enum class Access : std::uint8_t { read = 0, write = 1, execute = 0x10 };

    Kind kind = Kind::access;
    Access access = Access::read;
    std::uintptr_t address = 0;      // for Kind::access
    std::uintptr_t instruction = 0;  // which did it
    int signal = 0;                  // by which the system tells
    bool in_mapped_file = false;     // the file behind the memory is shorter than the mapping
};

// At the IRQL of the calling thread.
BugCheckReport bug_check_of(const Crash& crash, const Stack& stack);

}  // namespace owsk::nt::ke
