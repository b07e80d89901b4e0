// SPDX-License-Identifier: MIT
// Counted strings in place: described, copied, compared.
#include <gtest/gtest.h>
#include <ntddk.h>

#include <string>
#include <vector>

#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

UNICODE_STRING unicode(PCWSTR text) {
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, text);
    return string;
}

STRING ansi(PCSTR text) {
    STRING string;
    RtlInitAnsiString(&string, text);
    return string;
}

TEST(RtlInitUnicodeString, CountsBytesAndTheNul) {
    const UNICODE_STRING string = unicode(L"abc");
    EXPECT_EQ(string.Length, 6);
    EXPECT_EQ(string.MaximumLength, 8);
    EXPECT_EQ(utf8(string), "abc");
}

TEST(RtlInitUnicodeString, ANullStringIsEmpty) {
    const UNICODE_STRING string = unicode(nullptr);
    EXPECT_EQ(string.Length, 0);
    EXPECT_EQ(string.MaximumLength, 0);
    EXPECT_EQ(string.Buffer, nullptr);
}

TEST(RtlInitAnsiString, CountsBytesAndTheNul) {
    const STRING string = ansi("abcd");
    EXPECT_EQ(string.Length, 4);
    EXPECT_EQ(string.MaximumLength, 5);
}

TEST(RtlInitUnicodeStringEx, RefusesWhatACountCannotHold) {
    std::vector<WCHAR> text(32767, L'a');
    text.push_back(0);
    UNICODE_STRING string = {};
    EXPECT_EQ(RtlInitUnicodeStringEx(&string, text.data()), STATUS_NAME_TOO_LONG);
    EXPECT_EQ(RtlInitUnicodeStringEx(&string, text.data() + 1), STATUS_SUCCESS);
    EXPECT_EQ(string.Length, 65532);
}

TEST(RtlCopyUnicodeString, CutsWhatDoesNotFit) {
    DECLARE_UNICODE_STRING_SIZE(destination, 3);
    const UNICODE_STRING source = unicode(L"abcdef");
    RtlCopyUnicodeString(&destination, &source);
    EXPECT_EQ(utf8(destination), "abc");
    const UNICODE_STRING shorter = unicode(L"x");
    RtlCopyUnicodeString(&destination, &shorter);
    EXPECT_EQ(utf8(destination), "x");
    EXPECT_EQ(destination.Buffer[1], 0);
    RtlCopyUnicodeString(&destination, nullptr);
    EXPECT_EQ(destination.Length, 0);
}

TEST(RtlAppendUnicodeToString, RefusesWhatDoesNotFit) {
    DECLARE_UNICODE_STRING_SIZE(destination, 5);
    EXPECT_EQ(RtlAppendUnicodeToString(&destination, L"ab"), STATUS_SUCCESS);
    EXPECT_EQ(RtlAppendUnicodeToString(&destination, L"wxyz"), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(utf8(destination), "ab");
    const UNICODE_STRING rest = unicode(L"cde");
    EXPECT_EQ(RtlAppendUnicodeStringToString(&destination, &rest), STATUS_SUCCESS);
    EXPECT_EQ(utf8(destination), "abcde");
    EXPECT_EQ(RtlAppendUnicodeToString(&destination, nullptr), STATUS_SUCCESS);
}

TEST(RtlCompareUnicodeString, OrdersByUnitsThenByLength) {
    const UNICODE_STRING lower = unicode(L"abc");
    const UNICODE_STRING upper = unicode(L"ABC");
    const UNICODE_STRING longer = unicode(L"abcd");
    EXPECT_GT(RtlCompareUnicodeString(&lower, &upper, FALSE), 0);
    EXPECT_EQ(RtlCompareUnicodeString(&lower, &upper, TRUE), 0);
    EXPECT_LT(RtlCompareUnicodeString(&lower, &longer, TRUE), 0);
    EXPECT_FALSE(RtlEqualUnicodeString(&lower, &upper, FALSE));
    EXPECT_TRUE(RtlEqualUnicodeString(&lower, &upper, TRUE));
    EXPECT_TRUE(RtlPrefixUnicodeString(&upper, &longer, TRUE));
    EXPECT_FALSE(RtlPrefixUnicodeString(&longer, &lower, TRUE));
}

TEST(RtlCompareString, TakesBytesAsUnsigned) {
    const STRING high = ansi("\xE9");
    const STRING low = ansi("z");
    EXPECT_GT(RtlCompareString(&high, &low, FALSE), 0);
    EXPECT_TRUE(RtlEqualString(&low, &low, TRUE));
}

TEST(RtlUpcaseUnicodeChar, KnowsMoreThanAscii) {
    struct {
        WCHAR lower;
        WCHAR upper;
    } const cases[] = {
        {L'a', L'A'},
        {L'z', L'Z'},
        {L'A', L'A'},
        {L'0', L'0'},
        {L'{', L'{'},
        {0x00E9, 0x00C9},
        {0x00F7, 0x00F7},
        {0x00FF, 0x0178},
        {0x0101, 0x0100},
        {0x0100, 0x0100},
        {0x03C9, 0x03A9},
        {0x0436, 0x0416},
        {0x0451, 0x0401},
        {0x4E2D, 0x4E2D},
        {0xD83D, 0xD83D},
    };
    for (const auto& expected : cases) {
        EXPECT_EQ(RtlUpcaseUnicodeChar(expected.lower), expected.upper)
            << std::hex << int{expected.lower};
    }
}

struct Number {
    const WCHAR* text;
    ULONG base;
    ULONG value;
};

TEST(RtlUnicodeStringToInteger, ReadsPrefixesSignsAndStopsAtOtherText) {
    const Number cases[] = {
        {L"42", 0, 42},
        {L"  42", 10, 42},
        {L"0x1F", 0, 31},
        {L"1F", 16, 31},
        {L"0o17", 0, 15},
        {L"0b101", 0, 5},
        {L"-1", 10, MAXULONG},
        {L"+7", 0, 7},
        {L"12abc", 10, 12},
        {L"abc", 10, 0},
        {L"", 0, 0},
        {L"4294967295", 0, MAXULONG},
    };
    for (const Number& expected : cases) {
        const UNICODE_STRING string = unicode(expected.text);
        ULONG value = 99;
        EXPECT_EQ(RtlUnicodeStringToInteger(&string, expected.base, &value), STATUS_SUCCESS);
        EXPECT_EQ(value, expected.value) << utf8(expected.text);
    }
    const UNICODE_STRING string = unicode(L"1");
    ULONG value = 0;
    EXPECT_EQ(RtlUnicodeStringToInteger(&string, 7, &value), STATUS_INVALID_PARAMETER);
}

TEST(RtlIntegerToUnicodeString, WritesTheNumberInABase) {
    DECLARE_UNICODE_STRING_SIZE(string, 8);
    EXPECT_EQ(RtlIntegerToUnicodeString(48879, 16, &string), STATUS_SUCCESS);
    EXPECT_EQ(utf8(string), "BEEF");
    EXPECT_EQ(string.Buffer[4], 0);
    EXPECT_EQ(RtlIntegerToUnicodeString(0, 0, &string), STATUS_SUCCESS);
    EXPECT_EQ(utf8(string), "0");
    EXPECT_EQ(RtlIntegerToUnicodeString(123456789, 10, &string), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(RtlIntegerToUnicodeString(1, 3, &string), STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::nt::rtl
