// SPDX-License-Identifier: MIT
// Files as a driver uses them, on a directory of their own.
#include <gtest/gtest.h>
#include <ntddk.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/rtl/text.h"

namespace owsk::nt::zw {
namespace {

class ZwFile : public ExecutiveTest {
  protected:
    ZwFile() {
        char pattern[] = "/tmp/owsk-file-XXXXXX";
        directory_ = ::mkdtemp(pattern);
    }
    ~ZwFile() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return directory_ + '/' + name; }
    void put(const std::string& name, const std::string& text) {
        std::ofstream(path(name)) << text;
    }
    std::string get(const std::string& name) {
        std::ifstream file(path(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }

    NTSTATUS create(const std::string& nt_name,
                    ACCESS_MASK access,
                    ULONG disposition,
                    ULONG options = FILE_SYNCHRONOUS_IO_NONALERT) {
        std::vector<WCHAR> text = rtl::to_utf16(nt_name);
        text.push_back(0);
        UNICODE_STRING name;
        RtlInitUnicodeString(&name, text.data());
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        return ZwCreateFile(&handle,
                            access,
                            &attributes,
                            &block,
                            nullptr,
                            FILE_ATTRIBUTE_NORMAL,
                            0,
                            disposition,
                            options,
                            nullptr,
                            0);
    }
    NTSTATUS create_here(const std::string& name,
                         ACCESS_MASK access,
                         ULONG disposition,
                         ULONG options = FILE_SYNCHRONOUS_IO_NONALERT) {
        return create("\\??\\" + path(name), access, disposition, options);
    }
    NTSTATUS write(std::string text, LARGE_INTEGER* offset = nullptr) {
        return ZwWriteFile(handle,
                           nullptr,
                           nullptr,
                           nullptr,
                           &block,
                           text.data(),
                           static_cast<ULONG>(text.size()),
                           offset,
                           nullptr);
    }
    // What was read, or the name of what went wrong.
    std::string read(ULONG length, LARGE_INTEGER* offset = nullptr) {
        std::string text(length, '\0');
        status = ZwReadFile(
            handle, nullptr, nullptr, nullptr, &block, text.data(), length, offset, nullptr);
        text.resize(NT_SUCCESS(status) ? block.Information : 0);
        return text;
    }

    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    NTSTATUS status = STATUS_SUCCESS;

  private:
    std::string directory_;
};

TEST_F(ZwFile, IsCreatedWrittenAndReadBack) {
    ASSERT_EQ(create_here("a", GENERIC_READ | GENERIC_WRITE, FILE_CREATE), STATUS_SUCCESS);
    EXPECT_EQ(block.Information, FILE_CREATED);
    EXPECT_EQ(write("hello "), STATUS_SUCCESS);
    EXPECT_EQ(block.Information, 6U);
    EXPECT_EQ(write("world"), STATUS_SUCCESS);
    LARGE_INTEGER start = {};
    EXPECT_EQ(read(6, &start), "hello ");
    EXPECT_EQ(read(100), "world");
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(status, STATUS_END_OF_FILE);
    EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
    EXPECT_EQ(get("a"), "hello world");
}

TEST_F(ZwFile, IsOpenedAsTheDispositionSays) {
    struct {
        ULONG disposition;
        bool exists;
        NTSTATUS status;
        ULONG information;
        const char* left;
    } const cases[] = {
        {FILE_OPEN, true, STATUS_SUCCESS, FILE_OPENED, "old"},
        {FILE_OPEN, false, STATUS_OBJECT_NAME_NOT_FOUND, 0, ""},
        {FILE_CREATE, true, STATUS_OBJECT_NAME_COLLISION, 0, "old"},
        {FILE_CREATE, false, STATUS_SUCCESS, FILE_CREATED, ""},
        {FILE_OPEN_IF, true, STATUS_SUCCESS, FILE_OPENED, "old"},
        {FILE_OPEN_IF, false, STATUS_SUCCESS, FILE_CREATED, ""},
        {FILE_OVERWRITE, true, STATUS_SUCCESS, FILE_OVERWRITTEN, ""},
        {FILE_OVERWRITE, false, STATUS_OBJECT_NAME_NOT_FOUND, 0, ""},
        {FILE_OVERWRITE_IF, true, STATUS_SUCCESS, FILE_OVERWRITTEN, ""},
        {FILE_OVERWRITE_IF, false, STATUS_SUCCESS, FILE_CREATED, ""},
        {FILE_SUPERSEDE, true, STATUS_SUCCESS, FILE_SUPERSEDED, ""},
        {FILE_SUPERSEDE, false, STATUS_SUCCESS, FILE_CREATED, ""},
    };
    for (const auto& expected : cases) {
        std::filesystem::remove(path("f"));
        if (expected.exists) {
            put("f", "old");
        }
        SCOPED_TRACE(expected.disposition);
        EXPECT_EQ(create_here("f", FILE_GENERIC_READ, expected.disposition), expected.status);
        if (NT_SUCCESS(expected.status)) {
            EXPECT_EQ(block.Information, expected.information);
            EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
        }
        EXPECT_EQ(get("f"), expected.left);
    }
}

TEST_F(ZwFile, NamesAreLinuxPathsBelowTheDosDevices) {
    put("f", "x");
    std::string backslashes = path("f");
    std::replace(backslashes.begin(), backslashes.end(), '/', '\\');
    struct {
        std::string name;
        NTSTATUS status;
    } const cases[] = {
        {"\\??\\" + path("f"), STATUS_SUCCESS},
        {"\\??\\" + backslashes, STATUS_SUCCESS},
        {"\\DosDevices\\" + path("f"), STATUS_SUCCESS},
        {"\\dosdevices\\" + path("f"), STATUS_SUCCESS},
        {"\\??\\" + path("none/f"), STATUS_OBJECT_PATH_NOT_FOUND},
        {"\\??\\" + path("f/f"), STATUS_OBJECT_PATH_NOT_FOUND},
        {"\\??\\" + path(""), STATUS_FILE_IS_A_DIRECTORY},
        {"\\??\\C:\\f", STATUS_OBJECT_PATH_NOT_FOUND},
        {"\\SystemRoot\\f", STATUS_OBJECT_PATH_NOT_FOUND},
        {path("f"), STATUS_OBJECT_PATH_SYNTAX_BAD},
    };
    for (const auto& expected : cases) {
        EXPECT_EQ(create(expected.name, FILE_GENERIC_READ, FILE_OPEN), expected.status)
            << expected.name;
        if (NT_SUCCESS(expected.status)) {
            ZwClose(handle);
        }
    }
}

TEST_F(ZwFile, HasAPositionOnlyWhenOpenedForSynchronousUse) {
    put("f", "text");
    ASSERT_EQ(create_here("f", FILE_GENERIC_READ, FILE_OPEN, 0), STATUS_SUCCESS);
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(status, STATUS_INVALID_PARAMETER);
    LARGE_INTEGER offset;
    offset.QuadPart = 2;
    EXPECT_EQ(read(1, &offset), "x");
    offset.QuadPart = -5;
    EXPECT_EQ(read(1, &offset), "");
    EXPECT_EQ(status, STATUS_INVALID_PARAMETER);
    ZwClose(handle);
}

TEST_F(ZwFile, IsAppendedTo) {
    put("f", "one");
    ASSERT_EQ(create_here("f", FILE_APPEND_DATA | SYNCHRONIZE, FILE_OPEN), STATUS_SUCCESS);
    EXPECT_EQ(write(" two"), STATUS_SUCCESS);
    ZwClose(handle);
    ASSERT_EQ(create_here("f", FILE_GENERIC_WRITE, FILE_OPEN), STATUS_SUCCESS);
    LARGE_INTEGER end;
    end.HighPart = -1;
    end.LowPart = FILE_WRITE_TO_END_OF_FILE;
    EXPECT_EQ(write(" three", &end), STATUS_SUCCESS);
    ZwClose(handle);
    EXPECT_EQ(get("f"), "one two three");
}

TEST_F(ZwFile, OpenedForOneDirectionRefusesTheOther) {
    put("f", "text");
    ASSERT_EQ(create_here("f", FILE_GENERIC_READ, FILE_OPEN), STATUS_SUCCESS);
    EXPECT_EQ(write("x"), STATUS_ACCESS_DENIED);
    EXPECT_EQ(block.Information, 0U);
    ZwClose(handle);
}

TEST_F(ZwFile, TellsItsSizeAndPosition) {
    put("f", "12345");
    ASSERT_EQ(create_here("f", FILE_GENERIC_READ, FILE_OPEN), STATUS_SUCCESS);
    FILE_STANDARD_INFORMATION standard = {};
    EXPECT_EQ(
        ZwQueryInformationFile(handle, &block, &standard, sizeof standard, FileStandardInformation),
        STATUS_SUCCESS);
    EXPECT_EQ(standard.EndOfFile.QuadPart, 5);
    EXPECT_EQ(standard.AllocationSize.QuadPart, 4096);
    EXPECT_EQ(block.Information, sizeof standard);
    EXPECT_EQ(ZwQueryInformationFile(handle, &block, &standard, 4, FileStandardInformation),
              STATUS_INFO_LENGTH_MISMATCH);
    EXPECT_EQ(read(2), "12");
    FILE_POSITION_INFORMATION position = {};
    EXPECT_EQ(
        ZwQueryInformationFile(handle, &block, &position, sizeof position, FilePositionInformation),
        STATUS_SUCCESS);
    EXPECT_EQ(position.CurrentByteOffset.QuadPart, 2);
    EXPECT_EQ(
        ZwQueryInformationFile(handle, &block, &position, sizeof position, FileBasicInformation),
        STATUS_INVALID_INFO_CLASS);
    ZwClose(handle);
}

TEST_F(ZwFile, HandlesOfOtherThingsAreNoFiles) {
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(status, STATUS_INVALID_HANDLE);
    EXPECT_EQ(create_here("f", FILE_GENERIC_READ, 17), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(create_here("d", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE),
              STATUS_NOT_SUPPORTED);
}

}  // namespace
}  // namespace owsk::nt::zw
