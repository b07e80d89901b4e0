// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <owsk_wchar.h>

#include <string>

#include "unit/nt/rtl/text.h"

namespace owsk::nt::crt {
namespace {

TEST(WideCharacters, HaveSixteenBits) {
    EXPECT_EQ(wcslen(L"abc"), 3U);
    EXPECT_EQ(wcslen(L""), 0U);
    EXPECT_EQ(wcsnlen(L"abc", 2), 2U);
}

TEST(WideCharacters, AreCopiedAndAppended) {
    WCHAR buffer[8];
    EXPECT_EQ(wcscpy(buffer, L"ab"), buffer);
    EXPECT_EQ(rtl::utf8(wcscat(buffer, L"cd")), "abcd");
    EXPECT_EQ(rtl::utf8(wcsncat(buffer, L"efgh", 2)), "abcdef");
    buffer[3] = L'x';
    wcsncpy(buffer, L"z", 3);
    EXPECT_EQ(buffer[1], 0);
    EXPECT_EQ(buffer[2], 0);
    EXPECT_EQ(buffer[3], L'x');
}

TEST(WideCharacters, AreCompared) {
    EXPECT_EQ(wcscmp(L"a", L"a"), 0);
    EXPECT_LT(wcscmp(L"a", L"b"), 0);
    EXPECT_GT(wcscmp(L"ab", L"a"), 0);
    EXPECT_EQ(wcsncmp(L"abc", L"abd", 2), 0);
    EXPECT_EQ(_wcsicmp(L"ABC", L"abc"), 0);
    EXPECT_EQ(_wcsnicmp(L"ABx", L"aby", 2), 0);
    EXPECT_GT(wcscmp(L"\xffff", L"a"), 0);
}

TEST(WideCharacters, AreFound) {
    const WCHAR text[] = L"a-b-c";
    EXPECT_EQ(wcschr(text, L'-'), text + 1);
    EXPECT_EQ(wcsrchr(text, L'-'), text + 3);
    EXPECT_EQ(wcschr(text, 0), text + 5);
    EXPECT_EQ(wcschr(text, L'x'), nullptr);
    EXPECT_EQ(wcsstr(text, L"b-"), text + 2);
    EXPECT_EQ(wcsstr(text, L""), text);
    EXPECT_EQ(wcsstr(text, L"bc"), nullptr);
}

TEST(WideCharacters, ChangeCase) {
    WCHAR text[] = L"aB1\x00e9";
    EXPECT_EQ(rtl::utf8(_wcsupr(text)), "AB1É");
    EXPECT_EQ(rtl::utf8(_wcslwr(text)), "ab1É");
}

TEST(Print, CutsTextAndSaysSo) {
    char buffer[4] = {'x', 'x', 'x', 'x'};
    EXPECT_EQ(_snprintf(buffer, sizeof buffer, "%I64d", std::int64_t{123}), 3);
    EXPECT_STREQ(buffer, "123");
    EXPECT_EQ(_snprintf(buffer, sizeof buffer, "%d", 4567), 4);
    EXPECT_EQ(std::string(buffer, 4), "4567");
    EXPECT_EQ(_snprintf(buffer, sizeof buffer, "%d", 89012), -1);
    EXPECT_EQ(std::string(buffer, 4), "8901");
}

TEST(Print, WideTextOfTheStandardFunctionAlwaysEnds) {
    WCHAR buffer[4];
    EXPECT_EQ(swprintf(buffer, 4, L"%s", L"abc"), 3);
    EXPECT_EQ(rtl::utf8(buffer), "abc");
    EXPECT_EQ(swprintf(buffer, 4, L"%s", L"abcd"), -1);
    EXPECT_EQ(rtl::utf8(buffer), "abc");
    EXPECT_EQ(_snwprintf(buffer, 4, L"%d", 12), 2);
    EXPECT_EQ(rtl::utf8(buffer), "12");
}

}  // namespace
}  // namespace owsk::nt::crt
