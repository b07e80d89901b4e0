// SPDX-License-Identifier: MIT
#include "nt/ex/block_index.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "base/prng.h"

namespace owsk::nt::ex {
namespace {

// Nothing is ever there: the index only knows numbers.
constexpr std::uintptr_t nowhere = 0x5A5A'0000'0000;

std::uintptr_t expected_line(const std::set<std::uintptr_t>& starts, std::uintptr_t address) {
    const auto behind = starts.upper_bound(address);
    if (behind == starts.begin() || address - *std::prev(behind) > block_reach) {
        return 0;
    }
    return *std::prev(behind);
}

// Where in its line a block begins is all the same.
std::uintptr_t somewhere_in(std::uintptr_t line, Prng& random) {
    return line + random.below(block_line / 16) * 16;
}

TEST(BlockIndex, FindsTheLastBeginningNotBehindAnAddress) {
    Prng random(12);
    // From dense to so sparse that none is in reach; two leaves and more.
    for (const std::uintptr_t range : {0x1000U, 0x2'0000U, 0x40'0000U, 0x400'0000U}) {
        std::set<std::uintptr_t> starts;
        for (int step = 0; step < 3000; ++step) {
            const std::uintptr_t place = nowhere + random.below(range / block_line) * block_line;
            if (step % 3 != 0 && starts.insert(place).second) {
                index_block(somewhere_in(place, random));
            } else if (starts.erase(place) != 0) {
                unindex_block(somewhere_in(place, random));
            }
            if (starts.size() > 40) {
                unindex_block(*starts.begin());
                starts.erase(starts.begin());
            }
            const std::uintptr_t address = nowhere + random.below(range);
            ASSERT_EQ(last_block_line(address), expected_line(starts, address)) << address;
            ASSERT_EQ(is_indexed(place), starts.contains(place));
        }
        for (const std::uintptr_t start : starts) {
            unindex_block(start);
        }
    }
}

TEST(BlockIndex, ReachesAcrossPagesAndNoFurther) {
    index_block(nowhere + 16);
    EXPECT_EQ(last_block_line(nowhere - 1), 0U);
    EXPECT_EQ(last_block_line(nowhere), nowhere);
    EXPECT_EQ(last_block_line(nowhere + block_reach), nowhere);
    EXPECT_EQ(last_block_line(nowhere + block_reach + 1), 0U);
    unindex_block(nowhere + 48);
    EXPECT_EQ(last_block_line(nowhere + 16), 0U);
}

TEST(BlockIndex, KnowsNothingOfAddressesThatNobodyHas) {
    EXPECT_EQ(last_block_line(0), 0U);
    EXPECT_EQ(last_block_line(~std::uintptr_t{0}), 0U);
    EXPECT_FALSE(is_indexed(~std::uintptr_t{15}));
    index_block(~std::uintptr_t{15});
    EXPECT_EQ(last_block_line(~std::uintptr_t{0}), 0U);
    unindex_block(~std::uintptr_t{15});
}

TEST(BlockIndex, ThreadsChangeItAtTheSameTime) {
    constexpr std::uintptr_t base = nowhere + (std::uintptr_t{1} << 33);
    std::vector<std::thread> threads;
    for (std::uintptr_t thread = 0; thread < 4; ++thread) {
        // All in the words of one page, and in leaves that are new to all.
        threads.emplace_back([thread] {
            for (int step = 0; step < 2000; ++step) {
                const std::uintptr_t start =
                    base + thread * block_line + static_cast<std::uintptr_t>(step % 8) * 0x20'0000;
                index_block(start);
                EXPECT_TRUE(is_indexed(start));
                EXPECT_EQ(last_block_line(start + 63), start);
                unindex_block(start);
                EXPECT_FALSE(is_indexed(start));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(last_block_line(base + 0x1000), 0U);
}

}  // namespace
}  // namespace owsk::nt::ex
