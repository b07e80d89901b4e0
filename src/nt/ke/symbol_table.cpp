// SPDX-License-Identifier: MIT
// Maps the file: of what debug builds weigh only the symbol table is read.
#include "nt/ke/symbol_table.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"

namespace owsk::nt::ke {

namespace {

class MappedFile {
  public:
    explicit MappedFile(const char* path) noexcept {
        const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
        struct stat about = {};
        if (fd >= 0 && ::fstat(fd, &about) == 0 && about.st_size > 0) {
            size_ = static_cast<std::size_t>(about.st_size);
            start_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
        }
        if (fd >= 0) {
            ::close(fd);
        }
    }
    ~MappedFile() {
        if (start_ != MAP_FAILED) {
            ::munmap(start_, size_);
        }
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const noexcept {
        return start_ == MAP_FAILED ? std::span<const std::byte>()
                                    : std::span(static_cast<const std::byte*>(start_), size_);
    }

  private:
    std::size_t size_ = 0;
    void* start_ = MAP_FAILED;
};

std::optional<Elf64_Shdr> section(const ByteReader& file,
                                  const Elf64_Ehdr& header,
                                  unsigned number) {
    return file.at<Elf64_Shdr>(header.e_shoff + std::uint64_t{number} * sizeof(Elf64_Shdr));
}

// Compilers give a function a second name, for calls that nobody can redirect.
std::string source_name(std::string name) {
    constexpr std::string_view second = ".localalias";
    if (name.ends_with(second)) {
        name.resize(name.size() - second.size());
    }
    return name;
}

// The first function of the table whose code has the address.
std::optional<Symbol> find_in(const ByteReader& file,
                              const Elf64_Shdr& table,
                              const Elf64_Shdr& strings,
                              std::uint64_t address) {
    for (std::uint64_t used = 0; used < table.sh_size; used += sizeof(Elf64_Sym)) {
        const auto symbol = file.at<Elf64_Sym>(table.sh_offset + used);
        if (!symbol) {
            return std::nullopt;
        }
        if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
            address >= symbol->st_value && address - symbol->st_value < symbol->st_size) {
            return Symbol{source_name(file.text(strings.sh_offset + symbol->st_name)),
                          symbol->st_value};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Symbol> find_symbol(const char* path, std::uint64_t address) {
    const MappedFile mapped(path);
    const ByteReader file(mapped.bytes());
    const auto header = file.at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64) {
        return std::nullopt;
    }
    for (unsigned number = 0; number < header->e_shnum; ++number) {
        const auto table = section(file, *header, number);
        if (table && table->sh_type == SHT_SYMTAB) {
            const auto strings = section(file, *header, table->sh_link);
            return strings ? find_in(file, *table, *strings, address) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace owsk::nt::ke
