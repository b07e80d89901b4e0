// SPDX-License-Identifier: MIT
#include "nt/ex/freed_pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace owsk::nt::ex {
namespace {

constexpr SIZE_T margin = 64;
constexpr unsigned char other = 0x11;

std::vector<SIZE_T> counts() {
    std::vector<SIZE_T> all;
    for (SIZE_T count = 0; count < 300; ++count) {
        all.push_back(count);
    }
    all.insert(all.end(), {511, 512, 4095, 4096});
    return all;
}

TEST(FreedPattern, FillsAllBytesAndNoOthers) {
    for (const SIZE_T count : counts()) {
        std::vector<unsigned char> bytes(count + 2 * margin, other);
        unsigned char* const first = bytes.data() + margin;
        fill_freed(first, count);
        EXPECT_EQ(std::count(bytes.begin(), bytes.end(), other), 2 * margin) << count;
        EXPECT_EQ(std::count(first, first + count, other), 0) << count;
        EXPECT_FALSE(written_after_free(first, count).has_value()) << count;
    }
}

TEST(FreedPattern, EachByteThatChangesIsFound) {
    for (const SIZE_T count : counts()) {
        std::vector<unsigned char> bytes(count + 1, other);
        fill_freed(bytes.data(), count);
        for (SIZE_T i = 0; i < count; ++i) {
            const unsigned char before = bytes[i];
            bytes[i] = static_cast<unsigned char>(before ^ 1U << i % 8);
            ASSERT_EQ(written_after_free(bytes.data(), count), i) << "of " << count;
            bytes[i] = before;
        }
    }
}

TEST(FreedPattern, TheFirstOfSeveralIsNamed) {
    std::vector<unsigned char> bytes(1000);
    fill_freed(bytes.data(), bytes.size());
    for (const SIZE_T i : {SIZE_T{999}, SIZE_T{500}, SIZE_T{90}, SIZE_T{3}}) {
        bytes[i] = 0;
        EXPECT_EQ(written_after_free(bytes.data(), bytes.size()), i);
    }
}

}  // namespace
}  // namespace owsk::nt::ex
