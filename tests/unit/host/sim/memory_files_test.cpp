// SPDX-License-Identifier: MIT
// The files of a simulated computer, as the executive's file functions see them.
#include "host/sim/memory_files.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace owsk::host {
namespace {

constexpr FileOpening to_read = {.read = true};
constexpr FileOpening to_write = {.read = true, .write = true, .create = true};

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string read(File& file, std::uint64_t offset, std::size_t count) {
    std::string text(count, '?');
    const Result<std::size_t> got =
        file.read(std::as_writable_bytes(std::span(text.data(), text.size())), offset);
    return got ? text.substr(0, *got) : "failed";
}

TEST(MemoryFiles, WhatWasPutIsRead) {
    MemoryFiles files;
    files.put("/etc/driver.conf", "port=7");
    auto file = files.open("/etc/driver.conf", to_read);
    ASSERT_TRUE(file);
    EXPECT_EQ(*(*file)->size(), 6U);
    EXPECT_EQ(read(**file, 0, 100), "port=7");
    EXPECT_EQ(read(**file, 5, 100), "7");
    EXPECT_EQ(read(**file, 6, 100), "");
    EXPECT_EQ(read(**file, 1'000, 100), "");
}

TEST(MemoryFiles, WhatIsWrittenStays) {
    MemoryFiles files;
    files.add_directory("/var/log");
    {
        auto file = files.open("/var/log/a", to_write);
        ASSERT_TRUE(file);
        EXPECT_EQ(*(*file)->write(bytes("hello"), 2), 5U);
    }
    ASSERT_NE(files.contents("/var/log/a"), nullptr);
    EXPECT_EQ(*files.contents("/var/log/a"), std::string("\0\0hello", 7));
    EXPECT_EQ(files.contents("/var/log/b"), nullptr);
}

TEST(MemoryFiles, AMissingFileIsToldFromAMissingDirectory) {
    MemoryFiles files;
    files.put("/etc/a", "");
    EXPECT_EQ(files.open("/etc/b", to_read).status(), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQ(files.open("/lib/b", to_read).status(), STATUS_OBJECT_PATH_NOT_FOUND);
    EXPECT_EQ(files.open("/lib/b", to_write).status(), STATUS_OBJECT_PATH_NOT_FOUND);
    EXPECT_EQ(files.open("/etc", to_read).status(), STATUS_FILE_IS_A_DIRECTORY);
    EXPECT_EQ(files.open("/", to_read).status(), STATUS_FILE_IS_A_DIRECTORY);
}

TEST(MemoryFiles, TheOpeningSaysWhatHappensToAnExistingFile) {
    MemoryFiles files;
    files.put("/a", "text");
    FileOpening opening = to_write;
    opening.existing = FileOpening::Existing::refuse;
    EXPECT_EQ(files.open("/a", opening).status(), STATUS_OBJECT_NAME_COLLISION);
    opening.existing = FileOpening::Existing::truncate;
    ASSERT_TRUE(files.open("/a", opening));
    EXPECT_EQ(*files.contents("/a"), "");
}

TEST(MemoryFiles, AFileIsUsedOnlyInTheDirectionItWasOpenedFor) {
    MemoryFiles files;
    files.put("/a", "text");
    auto reader = files.open("/a", to_read);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->write(bytes("x"), 0).status(), STATUS_ACCESS_DENIED);
    auto writer = files.open("/a", {.write = true});
    ASSERT_TRUE(writer);
    EXPECT_EQ(read(**writer, 0, 1), "failed");
    EXPECT_EQ((*writer)->write(bytes("x"), ~std::uint64_t{0}).status(), STATUS_DISK_FULL);
}

TEST(MemoryFiles, PathsAreTheSameHoweverTheyAreWritten) {
    MemoryFiles files;
    files.put("/etc//driver/../a", "text");
    EXPECT_EQ(*files.contents("/etc/./a"), "text");
    EXPECT_EQ(*files.contents("/../etc/a"), "text");
}

}  // namespace
}  // namespace owsk::host
