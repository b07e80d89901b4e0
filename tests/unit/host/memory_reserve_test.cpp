// SPDX-License-Identifier: MIT
// What happens at the limit of a process's memory.
#include "host/linux/memory_reserve.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

// Only where a sanitizer is linked.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace owsk::host {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

std::size_t address_space_in_use() {
    std::ifstream file("/proc/self/statm");
    std::size_t pages = 0;
    file >> pages;
    return pages * 4096;
}

constexpr std::size_t room = 32 * mebibyte;
constexpr std::size_t piece = 64 * 1024;

// Exits with 0 if memory is short before it has ended, and is not short when all was given back but
// the first `lasting` pieces.
[[noreturn]] void use_memory_up(std::size_t lasting) {
    keep_memory_reserve();
    const rlimit limit = {address_space_in_use() + room, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
    std::vector<std::unique_ptr<char[]>> used;
    used.reserve(1000);
    bool was_short = false;
    while (used.size() < lasting || (!was_short && used.size() < 1000)) {
        used.push_back(std::make_unique<char[]>(piece));
        was_short = memory_is_short();
    }
    // What is under way can still be finished.
    used.push_back(std::make_unique<char[]>(piece));
    used.resize(lasting);
    std::_Exit(was_short && !memory_is_short() ? 0 : 1);
}

class MemoryReserve : public testing::Test {
  protected:
    void SetUp() override {
        if (__sanitizer_set_death_callback != nullptr) {
            GTEST_SKIP() << "a sanitizer needs more address space than there is";
        }
        GTEST_FLAG_SET(death_test_style, "threadsafe");
    }
};
using MemoryReserveDeathTest = MemoryReserve;

TEST_F(MemoryReserveDeathTest, IsUsedBeforeAnAllocationFailsAndFilledAgain) {
    EXPECT_EXIT(use_memory_up(0), testing::ExitedWithCode(0), "");
}

// A process grows a little in any case: it must not be short for ever.
TEST_F(MemoryReserveDeathTest, IsEnoughIfMostOfItIsThereAgain) {
    EXPECT_EXIT(use_memory_up(room / piece + mebibyte / piece), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace owsk::host
