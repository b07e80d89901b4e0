// SPDX-License-Identifier: MIT
// Whatever is in the file of a module: it is an objection or names that stand in the file, not more
// of them than the file has room for.
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "loader/elf_symbols.h"

namespace owsk::loader {
namespace {

// As the string tables of the file have it, with its zero.
bool stands_in(std::string_view file, const std::string& name) {
    const std::string_view with_zero(name.c_str(), name.size() + 1);
    return file.find(with_zero) != std::string_view::npos;
}

void check_names(std::string_view file, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        OWSK_ASSERT(name.find('\0') == std::string::npos);
        OWSK_ASSERT(name.empty() || stands_in(file, name));
    }
}

void check(std::string_view file) {
    const ElfSymbols symbols = read_elf_symbols(std::as_bytes(std::span(file)));
    const std::size_t count = symbols.undefined.size() + symbols.defined.size();
    if (!symbols.objection.empty()) {
        OWSK_ASSERT(count == 0 && symbols.libraries.empty() && symbols.library_folders.empty());
        return;
    }
    OWSK_ASSERT(file.starts_with(ELFMAG) && file.size() >= sizeof(Elf64_Ehdr));
    OWSK_ASSERT(count <= file.size() / sizeof(Elf64_Sym));
    OWSK_ASSERT(symbols.libraries.size() <= file.size() / sizeof(Elf64_Dyn));
    OWSK_ASSERT(std::is_sorted(symbols.undefined.begin(), symbols.undefined.end()));
    check_names(file, symbols.undefined);
    check_names(file, symbols.defined);
    check_names(file, symbols.libraries);
    check_names(file, {symbols.library_folders});
}

}  // namespace
}  // namespace owsk::loader

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::loader::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
