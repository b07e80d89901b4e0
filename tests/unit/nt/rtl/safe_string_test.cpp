// SPDX-License-Identifier: MIT
// The functions of ntstrsafe.h.
#include <gtest/gtest.h>
#include <ntddk.h>
#include <ntstrsafe.h>

#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

TEST(SafeString, ACopyThatDoesNotFitIsCut) {
    char buffer[4];
    EXPECT_EQ(RtlStringCbCopyA(buffer, sizeof buffer, "abc"), STATUS_SUCCESS);
    EXPECT_STREQ(buffer, "abc");
    EXPECT_EQ(RtlStringCbCopyA(buffer, sizeof buffer, "wxyz"), STATUS_BUFFER_OVERFLOW);
    EXPECT_STREQ(buffer, "wxy");
    EXPECT_EQ(RtlStringCchCopyNA(buffer, 4, "abcdef", 2), STATUS_SUCCESS);
    EXPECT_STREQ(buffer, "ab");
}

TEST(SafeString, TextIsAppendedWhereTheOldTextEnds) {
    WCHAR buffer[6] = L"ab";
    EXPECT_EQ(RtlStringCchCatW(buffer, 6, L"cd"), STATUS_SUCCESS);
    EXPECT_EQ(utf8(buffer), "abcd");
    EXPECT_EQ(RtlStringCbCatW(buffer, sizeof buffer, L"efg"), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(utf8(buffer), "abcde");
    const WCHAR unterminated[2] = {L'a', L'b'};
    WCHAR full[2] = {unterminated[0], unterminated[1]};
    EXPECT_EQ(RtlStringCchCatW(full, 2, L"x"), STATUS_INVALID_PARAMETER);
}

TEST(SafeString, BuffersWithoutSenseAreRefused) {
    char buffer[4] = "x";
    EXPECT_EQ(RtlStringCbCopyA(buffer, 0, "a"), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlStringCchCopyA(buffer, 0x80000000U, "a"), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlStringCbPrintfA(buffer, 0, "%d", 1), STATUS_INVALID_PARAMETER);
    EXPECT_STREQ(buffer, "x");
}

TEST(SafeString, FormattedTextThatDoesNotFitIsCut) {
    char narrow[8];
    EXPECT_EQ(RtlStringCbPrintfA(narrow, sizeof narrow, "%lu:%S", 80U, L"http"), STATUS_SUCCESS);
    EXPECT_STREQ(narrow, "80:http");
    EXPECT_EQ(RtlStringCbPrintfA(narrow, sizeof narrow, "%lu:%S", 8080U, L"http"),
              STATUS_BUFFER_OVERFLOW);
    EXPECT_STREQ(narrow, "8080:ht");
    WCHAR wide[8];
    EXPECT_EQ(RtlStringCchPrintfW(wide, 8, L"%s-%d", L"abc", 7), STATUS_SUCCESS);
    EXPECT_EQ(utf8(wide), "abc-7");
    EXPECT_EQ(RtlStringCbPrintfW(wide, 6, L"%s", L"abc"), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(utf8(wide), "ab");
}

TEST(SafeString, ACountedStringIsFilledWithoutNul) {
    DECLARE_UNICODE_STRING_SIZE(string, 5);
    EXPECT_EQ(RtlUnicodeStringPrintf(&string, L"%s%d", L"abc", 42), STATUS_SUCCESS);
    EXPECT_EQ(utf8(string), "abc42");
    EXPECT_EQ(RtlUnicodeStringPrintf(&string, L"%d", 123456), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(utf8(string), "12345");
    EXPECT_EQ(RtlUnicodeStringPrintf(nullptr, L"x"), STATUS_INVALID_PARAMETER);
}

TEST(SafeString, ALengthNeedsANul) {
    size_t length = 99;
    EXPECT_EQ(RtlStringCbLengthA("abc", 4, &length), STATUS_SUCCESS);
    EXPECT_EQ(length, 3U);
    EXPECT_EQ(RtlStringCbLengthA("abc", 3, &length), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(length, 0U);
    EXPECT_EQ(RtlStringCbLengthW(L"abc", 8, &length), STATUS_SUCCESS);
    EXPECT_EQ(length, 6U);
    EXPECT_EQ(RtlStringCchLengthW(nullptr, 8, &length), STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::nt::rtl
