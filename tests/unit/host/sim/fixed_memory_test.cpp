// SPDX-License-Identifier: MIT
// Memory at addresses that do not depend on chance.
#include "host/sim/fixed_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "base/visible_memory.h"
#include "host/sim/world.h"

namespace owsk::host {
namespace {

class FixedMemoryTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!FixedMemory::exists()) {
            GTEST_SKIP() << "a sanitizer keeps its own memory";
        }
    }
};

constexpr std::size_t sizes[] = {
    1, 16, 17, 100, 1024, 1025, 3000, 4096, 70'000, 1 << 20, 5'000'000};

std::vector<void*> allocate_all() {
    std::vector<void*> memories;
    for (const std::size_t size : sizes) {
        for (int i = 0; i < 3; ++i) {
            memories.push_back(allocate_visible(size, size < 4096 ? 16 : 4096));
        }
    }
    return memories;
}

TEST_F(FixedMemoryTest, TheSameRequestsGetTheSameAddressesInEachWorld) {
    std::vector<void*> first;
    for (int round = 0; round < 3; ++round) {
        const World world;
        // What else the process allocates changes nothing.
        const std::vector<char> other(static_cast<std::size_t>(round) * 100'000);
        const std::vector<void*> memories = allocate_all();
        first = round == 0 ? memories : first;
        EXPECT_EQ(memories, first);
        for (void* memory : memories) {
            free_visible(memory);
        }
    }
}

TEST_F(FixedMemoryTest, PiecesDoNotOverlapAndAreAligned) {
    const World world;
    const std::vector<void*> memories = allocate_all();
    for (std::size_t i = 0; i < memories.size(); ++i) {
        ASSERT_NE(memories[i], nullptr);
        const std::size_t size = sizes[i / 3];
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memories[i]) % (size < 4096 ? 16 : 4096), 0u);
        std::memset(memories[i], static_cast<int>(i), size);
    }
    for (std::size_t i = 0; i < memories.size(); ++i) {
        const auto* const bytes = static_cast<const unsigned char*>(memories[i]);
        const std::size_t size = sizes[i / 3];
        EXPECT_EQ(bytes[0], i);
        EXPECT_EQ(bytes[size - 1], i);
        EXPECT_EQ(bytes[size / 2], i);
    }
}

TEST_F(FixedMemoryTest, WhatIsGivenBackIsGivenOutAgain) {
    const World world;
    for (const std::size_t size : sizes) {
        void* const first = allocate_visible(size);
        free_visible(first);
        EXPECT_EQ(allocate_visible(size), first) << size;
    }
}

TEST_F(FixedMemoryTest, WorldsAtTheSameTimeHaveDifferentPlaces) {
    const World world;
    void* const here = allocate_visible(100);
    void* there = nullptr;
    std::thread([&] {
        const World other;
        there = allocate_visible(100);
        EXPECT_NE(there, here);
        std::memset(there, 1, 100);
    }).join();
    // Its world has ended, and the memory with it.
    free_visible(there);
    std::memset(here, 1, 100);
    free_visible(here);
}

TEST_F(FixedMemoryTest, MemoryIsPlainWhereThereIsNoWorld) {
    void* const memory = allocate_visible(100);
    EXPECT_GE(reinterpret_cast<std::uintptr_t>(memory) - fixed_memory_begin, fixed_memory_size);
    const World world;
    free_visible(memory);
    free_visible(nullptr);
}

TEST_F(FixedMemoryTest, ThreadsHaveTheSameStacksInEachWorld) {
    const auto stacks_of_threads = [] {
        World world;
        std::vector<std::uintptr_t> stacks;
        for (int round = 0; round < 2; ++round) {
            std::vector<std::unique_ptr<Thread>> threads;
            for (int i = 0; i < 3; ++i) {
                threads.push_back(world.start_thread("thread", [&] {
                    const int local = 0;
                    stacks.push_back(reinterpret_cast<std::uintptr_t>(&local));
                }));
            }
            for (const auto& thread : threads) {
                thread->join();
            }
        }
        return stacks;
    };
    EXPECT_EQ(stacks_of_threads(), stacks_of_threads());
}

}  // namespace
}  // namespace owsk::host
