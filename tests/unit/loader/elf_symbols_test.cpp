// SPDX-License-Identifier: MIT
#include "loader/elf_symbols.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "base/prng.h"

namespace owsk::loader {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::byte> module_bytes() {
    std::ifstream stream(LOADER_MODULES "/loader_missing.sys.so", std::ios::binary);
    std::vector<std::byte> bytes;
    for (std::istreambuf_iterator<char> next(stream), end; next != end; ++next) {
        bytes.push_back(static_cast<std::byte>(*next));
    }
    return bytes;
}

TEST(ElfSymbols, NamesWhatAModuleNeedsAndDefines) {
    const ElfSymbols symbols = read_elf_symbols(module_bytes());
    EXPECT_THAT(symbols.objection, IsEmpty());
    EXPECT_THAT(symbols.defined, Contains("DriverEntry"));
    EXPECT_THAT(symbols.undefined, Contains("LoaderTestMissingOne"));
    EXPECT_THAT(symbols.undefined, Not(Contains("LoaderTestOptional")));
}

// Only that nothing is read outside the file; the address sanitizer sees it.
TEST(ElfSymbols, SurvivesCutAndDamagedFiles) {
    const std::vector<std::byte> whole = module_bytes();
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 8) {
        const std::vector<std::byte> cut(whole.begin(),
                                         whole.begin() + static_cast<std::ptrdiff_t>(size));
        read_elf_symbols(cut);
    }
    Prng prng(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::byte> damaged = whole;
        for (int i = 0; i < 64; ++i) {
            // Half of the damage goes where the headers are.
            const std::size_t range = i % 2 == 0 ? 64 : damaged.size();
            damaged[prng.next() % range] = static_cast<std::byte>(prng.next());
        }
        read_elf_symbols(damaged);
    }
}

}  // namespace
}  // namespace owsk::loader
