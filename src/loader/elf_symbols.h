// SPDX-License-Identifier: MIT
// ElfSymbols: what a module file needs and defines, read from the file itself, because the system's
// loader names only the first thing that is missing.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace owsk::loader {

struct ElfSymbols {
    // Why the file is not a shared object for this machine, as the end of a sentence that starts
    // with its name. Empty if it is one.
    std::string objection;
    std::vector<std::string> undefined;  // functions and data that must come from elsewhere; sorted
    std::vector<std::string> defined;    // visible to others
    std::vector<std::string> libraries;  // that the module names itself (DT_NEEDED)
    std::string library_folders;         // where else to look for them (DT_RUNPATH); a:b
};

// Reads any file, however broken: what cannot be read is left out.
ElfSymbols read_elf_symbols(std::span<const std::byte> file);

}  // namespace owsk::loader
