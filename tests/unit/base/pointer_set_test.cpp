// SPDX-License-Identifier: MIT
#include "base/pointer_set.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/prng.h"

namespace owsk {
namespace {

const void* address(std::uintptr_t number) {
    return reinterpret_cast<const void*>(number * 16);
}

TEST(PointerSet, HoldsWhatWasInsertedUntilItIsErased) {
    PointerSet set;
    EXPECT_FALSE(set.seems_to_hold(address(1)));
    set.insert(address(1));
    EXPECT_TRUE(set.seems_to_hold(address(1)));
    EXPECT_FALSE(set.seems_to_hold(address(2)));
    set.erase(address(1));
    EXPECT_FALSE(set.seems_to_hold(address(1)));
}

TEST(PointerSet, NullIsInNoSet) {
    PointerSet set;
    set.insert(address(1));
    EXPECT_FALSE(set.seems_to_hold(nullptr));
}

// Erasing must not cut the way to what collided with the erased address; and sets grow.
TEST(PointerSet, AgreesWithAPlainSetThroughManyChanges) {
    PointerSet set;
    std::set<std::uintptr_t> plain;
    Prng prng(11);
    for (int i = 0; i < 40'000; ++i) {
        const std::uintptr_t number = 1 + prng.below(i < 20'000 ? 900 : 90);
        if (plain.insert(number).second) {
            set.insert(address(number));
        } else {
            plain.erase(number);
            set.erase(address(number));
        }
        const std::uintptr_t asked = 1 + prng.below(900);
        ASSERT_EQ(set.seems_to_hold(address(asked)), plain.contains(asked)) << i;
    }
    for (std::uintptr_t number = 1; number <= 900; ++number) {
        EXPECT_EQ(set.seems_to_hold(address(number)), plain.contains(number));
    }
}

TEST(PointerSet, WhatIsNotInItIsNeverFoundWhileItChanges) {
    PointerSet set;
    set.insert(address(7));
    std::atomic<bool> over = false;
    std::atomic<int> wrong = 0;
    std::thread reader([&] {
        while (!over) {
            wrong += set.seems_to_hold(address(1'000'000)) ? 1 : 0;
        }
    });
    for (std::uintptr_t round = 0; round < 20; ++round) {
        for (std::uintptr_t number = 100; number < 2'000; ++number) {
            set.insert(address(number));
        }
        for (std::uintptr_t number = 100; number < 2'000; ++number) {
            set.erase(address(number));
        }
    }
    over = true;
    reader.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE(set.seems_to_hold(address(7)));
}

}  // namespace
}  // namespace owsk
