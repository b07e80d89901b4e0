// SPDX-License-Identifier: MIT
#include "host/readable.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace owsk::host {
namespace {

// Three pages, the last of which cannot be read.
class Readable : public testing::Test {
  protected:
    static constexpr std::size_t page = 4096;

    Readable()
        : pages_(static_cast<char*>(::mmap(
              nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
        ::mprotect(pages_ + 2 * page, page, PROT_NONE);
    }
    ~Readable() override {
        ::munmap(pages_, 3 * page);
        forget_readable_pages();
    }

    char* pages_;
};

TEST_F(Readable, MemoryIsReadableAndWhatIsNoneIsNot) {
    EXPECT_TRUE(is_readable(pages_, 2 * page));
    EXPECT_TRUE(is_readable(pages_ + 2 * page - 1, 1));
    EXPECT_FALSE(is_readable(pages_ + 2 * page, 1));
    EXPECT_FALSE(is_readable(nullptr, 1));
    EXPECT_FALSE(is_readable(reinterpret_cast<const void*>(0x10), 8));
    EXPECT_FALSE(is_readable(reinterpret_cast<const void*>(0x1234), 8));
    EXPECT_FALSE(is_readable(reinterpret_cast<const void*>(0xFFFF800000000000), 8));
    EXPECT_FALSE(is_readable(reinterpret_cast<const void*>(0x8000000000001000), 8));
    EXPECT_FALSE(is_readable(reinterpret_cast<const void*>(~std::uintptr_t{0} - 3), 8));
}

TEST_F(Readable, ARangeIsReadableOnlyIfItsEndIs) {
    EXPECT_TRUE(is_readable(pages_ + page, 16));
    EXPECT_TRUE(is_readable(pages_ + page - 8, 16));
    EXPECT_FALSE(is_readable(pages_ + 2 * page - 8, 16));
    EXPECT_FALSE(is_readable(pages_, 3 * page));
}

TEST_F(Readable, AskedForNowThePageIsLookedAtAgain) {
    EXPECT_TRUE(is_readable_now(pages_, 8));
    ::mprotect(pages_, page, PROT_NONE);
    EXPECT_FALSE(is_readable_now(pages_, 8));
}

TEST_F(Readable, WhatIsForgottenIsLookedAtAgain) {
    EXPECT_TRUE(is_readable(pages_, 8));
    ::mprotect(pages_, page, PROT_NONE);
    forget_readable_pages();
    EXPECT_FALSE(is_readable(pages_, 8));
}

}  // namespace
}  // namespace owsk::host
