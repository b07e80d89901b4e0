// SPDX-License-Identifier: MIT
// find_symbol: the function at a place in a module, by the symbol table in the module's file. The
// system's own answer knows only what the module shows to others, and drivers hide most of theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace owsk::nt::ke {

struct Symbol {
    std::string name;     // as the linker has it
    std::uint64_t start;  // in the file's own addresses
};

// Nothing if the file cannot be read, has no symbol table, or no function has that address.
std::optional<Symbol> find_symbol(const char* path, std::uint64_t address);

}  // namespace owsk::nt::ke
