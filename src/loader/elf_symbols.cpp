// SPDX-License-Identifier: MIT
// Reads the dynamic section and the dynamic symbol table of a 64-bit ELF file.
#include "loader/elf_symbols.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/byte_reader.h"

namespace owsk::loader {

namespace {

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t this_machine = EM_AARCH64;
#else
#error "openwsk has no driver modules on this architecture yet"
#endif

std::string objection_to(const ByteReader& reader) {
    const auto header = reader.at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        const auto start = reader.at<std::uint16_t>(0);
        constexpr std::uint16_t mz = 0x5A4D;
        return start == mz
                   ? "is a Windows file; build the driver from its source with openwsk_add_driver()"
                   : "is not a shared object (ELF file)";
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != this_machine) {
        return "is built for another processor; build it on this machine";
    }
    if (header->e_type != ET_DYN) {
        return "is not a shared object but another kind of ELF file; link it with -shared";
    }
    return {};
}

std::optional<Elf64_Shdr> find_section(const ByteReader& reader, std::uint32_t type) {
    const auto header = reader.at<Elf64_Ehdr>(0);
    for (std::uint64_t i = 0; header && i < header->e_shnum; ++i) {
        const auto section = reader.at<Elf64_Shdr>(header->e_shoff + i * sizeof(Elf64_Shdr));
        if (section && section->sh_type == type) {
            return section;
        }
    }
    return std::nullopt;
}

// The offset of the string table that belongs to a section.
std::optional<std::uint64_t> strings_of(const ByteReader& reader, const Elf64_Shdr& section) {
    const auto header = reader.at<Elf64_Ehdr>(0);
    const auto strings = reader.at<Elf64_Shdr>(header->e_shoff +
                                               std::uint64_t{section.sh_link} * sizeof(Elf64_Shdr));
    return strings ? std::optional(strings->sh_offset) : std::nullopt;
}

// Calls visit(entry, strings) for each entry of the section; the count is bounded by the file.
template <typename Entry, typename Visit>
void for_each_entry(const ByteReader& reader, std::uint32_t type, Visit visit) {
    const auto section = find_section(reader, type);
    const auto strings = section ? strings_of(reader, *section) : std::nullopt;
    if (!strings) {
        return;
    }
    for (std::uint64_t used = 0; used < section->sh_size; used += sizeof(Entry)) {
        const auto entry = reader.at<Entry>(section->sh_offset + used);
        if (!entry) {
            return;
        }
        visit(*entry, *strings);
    }
}

void sort_symbol(const Elf64_Sym& symbol, std::string name, ElfSymbols& symbols) {
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    if (name.empty() || binding == STB_LOCAL) {
        return;
    }
    if (symbol.st_shndx != SHN_UNDEF) {
        symbols.defined.push_back(std::move(name));
    } else if (binding != STB_WEAK) {
        symbols.undefined.push_back(std::move(name));
    }
}

}  // namespace

ElfSymbols read_elf_symbols(std::span<const std::byte> file) {
    const ByteReader reader(file);
    ElfSymbols symbols;
    symbols.objection = objection_to(reader);
    if (!symbols.objection.empty()) {
        return symbols;
    }
    for_each_entry<Elf64_Sym>(
        reader, SHT_DYNSYM, [&](const Elf64_Sym& symbol, std::uint64_t strings) {
            sort_symbol(symbol, reader.text(strings + symbol.st_name), symbols);
        });
    for_each_entry<Elf64_Dyn>(
        reader, SHT_DYNAMIC, [&](const Elf64_Dyn& entry, std::uint64_t strings) {
            if (entry.d_tag == DT_NEEDED) {
                symbols.libraries.push_back(reader.text(strings + entry.d_un.d_val));
            } else if (entry.d_tag == DT_RUNPATH) {
                symbols.library_folders = reader.text(strings + entry.d_un.d_val);
            }
        });
    std::sort(symbols.undefined.begin(), symbols.undefined.end());
    return symbols;
}

}  // namespace owsk::loader
