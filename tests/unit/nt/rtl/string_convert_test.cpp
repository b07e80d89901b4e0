// SPDX-License-Identifier: MIT
// Conversions between narrow and wide strings.
#include <gtest/gtest.h>
#include <ntifs.h>

#include <string>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

using StringConversion = ExecutiveTest;

TEST_F(StringConversion, AnAllocatedUnicodeStringIsFreedByItsFunction) {
    STRING source;
    RtlInitAnsiString(&source, "gr\xC3\xBC\xC3\x9F");
    UNICODE_STRING converted = {};
    ASSERT_EQ(RtlAnsiStringToUnicodeString(&converted, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(utf8(converted), "grüß");
    EXPECT_EQ(converted.Length, 8);
    EXPECT_EQ(converted.Buffer[4], 0);
    RtlFreeUnicodeString(&converted);
    EXPECT_EQ(converted.Buffer, nullptr);
    RtlFreeUnicodeString(&converted);
}

TEST_F(StringConversion, AForgottenStringIsALeak) {
    expect_leaks();
    STRING source;
    RtlInitAnsiString(&source, "x");
    UNICODE_STRING converted = {};
    ASSERT_EQ(RtlAnsiStringToUnicodeString(&converted, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(system().report_leaks(), 1U);
}

TEST_F(StringConversion, AUnicodeBufferThatIsTooSmallStaysAsItIs) {
    STRING source;
    RtlInitAnsiString(&source, "abc");
    DECLARE_UNICODE_STRING_SIZE(small, 3);
    small.Buffer[0] = L'x';
    EXPECT_EQ(RtlAnsiStringToUnicodeString(&small, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(small.Buffer[0], L'x');
    DECLARE_UNICODE_STRING_SIZE(fitting, 4);
    EXPECT_EQ(RtlAnsiStringToUnicodeString(&fitting, &source, FALSE), STATUS_SUCCESS);
    EXPECT_EQ(utf8(fitting), "abc");
}

TEST_F(StringConversion, AnAnsiBufferThatIsTooSmallGetsTheBeginning) {
    UNICODE_STRING source;
    RtlInitUnicodeString(&source, L"ab\x20ac");
    char buffer[5];
    STRING small = {0, sizeof buffer, buffer};
    EXPECT_EQ(RtlUnicodeStringToAnsiString(&small, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    EXPECT_STREQ(buffer, "ab");
    EXPECT_EQ(small.Length, 2);
}

TEST_F(StringConversion, AnAllocatedAnsiStringHasItsNul) {
    UNICODE_STRING source;
    RtlInitUnicodeString(&source, L"ab\x20ac");
    STRING converted = {};
    ASSERT_EQ(RtlUnicodeStringToAnsiString(&converted, &source, TRUE), STATUS_SUCCESS);
    EXPECT_STREQ(converted.Buffer, "ab€");
    EXPECT_EQ(converted.Length, 5);
    RtlFreeAnsiString(&converted);
}

TEST(RtlUTF8ToUnicodeN, ConvertsWithoutNul) {
    WCHAR buffer[8] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlUTF8ToUnicodeN(buffer, sizeof buffer, &bytes, "a\xF0\x9F\x98\x80", 5),
              STATUS_SUCCESS);
    EXPECT_EQ(bytes, 6U);
    EXPECT_EQ(buffer[1], 0xD83D);
    EXPECT_EQ(buffer[2], 0xDE00);
}

TEST(RtlUTF8ToUnicodeN, SaysWhatWasIllFormed) {
    WCHAR buffer[8] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlUTF8ToUnicodeN(buffer, sizeof buffer, &bytes, "a\xC3(", 3),
              STATUS_SOME_NOT_MAPPED);
    EXPECT_EQ(utf8(buffer), "a\xEF\xBF\xBD(");
    EXPECT_EQ(RtlUTF8ToUnicodeN(buffer, sizeof buffer, &bytes, "\xED\xA0\x80", 3),
              STATUS_SOME_NOT_MAPPED);
}

TEST(RtlUTF8ToUnicodeN, AShortBufferGetsWholeCharacters) {
    WCHAR buffer[2] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlUTF8ToUnicodeN(buffer, sizeof buffer, &bytes, "a\xF0\x9F\x98\x80", 5),
              STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(bytes, 2U);
    EXPECT_EQ(buffer[0], L'a');
    EXPECT_EQ(RtlUTF8ToUnicodeN(nullptr, 0, &bytes, "a\xF0\x9F\x98\x80", 5), STATUS_SUCCESS);
    EXPECT_EQ(bytes, 6U);
    EXPECT_EQ(RtlUTF8ToUnicodeN(buffer, 4, &bytes, nullptr, 0), STATUS_INVALID_PARAMETER_4);
    EXPECT_EQ(RtlUTF8ToUnicodeN(nullptr, 0, nullptr, "a", 1), STATUS_INVALID_PARAMETER);
}

TEST(RtlUnicodeToUTF8N, ConvertsAndChecks) {
    char buffer[8] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlUnicodeToUTF8N(buffer, sizeof buffer, &bytes, L"\x20ac!", 4), STATUS_SUCCESS);
    EXPECT_EQ(std::string(buffer, bytes), "€!");
    EXPECT_EQ(RtlUnicodeToUTF8N(buffer, 2, &bytes, L"\x20ac!", 4), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(bytes, 0U);
    EXPECT_EQ(RtlUnicodeToUTF8N(buffer, sizeof buffer, &bytes, L"\xdc00", 2),
              STATUS_SOME_NOT_MAPPED);
    EXPECT_EQ(RtlUnicodeToUTF8N(buffer, sizeof buffer, &bytes, L"ab", 3),
              STATUS_INVALID_PARAMETER_5);
}

}  // namespace
}  // namespace owsk::nt::rtl
