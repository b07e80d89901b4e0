// SPDX-License-Identifier: MIT
#include "nt/rtl/format.h"

#include <gtest/gtest.h>

#include "unit/nt/rtl/text.h"

namespace owsk::nt::rtl {
namespace {

void NTAPI print_narrow(std::string* text, const char* format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    StringSink sink;
    Arguments arguments(list);
    format_text<char>(sink, format, arguments);
    OWSK_VA_END(list);
    *text = sink.text();
}

void NTAPI print_wide(std::string* text, const WCHAR* format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    WCHAR buffer[256];
    BufferSink<WCHAR> sink(buffer, 256);
    Arguments arguments(list);
    format_text<WCHAR>(sink, format, arguments);
    OWSK_VA_END(list);
    *text = to_utf8(std::span(buffer, sink.length()));
}

template <typename... Values>
std::string narrow(const char* format, Values... values) {
    std::string text;
    print_narrow(&text, format, values...);
    return text;
}

template <typename... Values>
std::string wide(const WCHAR* format, Values... values) {
    std::string text;
    print_wide(&text, format, values...);
    return text;
}

TEST(Format, TextWithoutConversionsIsCopied) {
    EXPECT_EQ(narrow("plain 100%% text"), "plain 100% text");
}

TEST(Format, IntegersHave32Bits) {
    EXPECT_EQ(narrow("%d %i %u", -1, INT32_MIN, UINT32_MAX), "-1 -2147483648 4294967295");
    EXPECT_EQ(narrow("%ld %lu %lx|%d", -2, 0xFFFFFFFFU, 0xFFFFFFFFU, 7),
              "-2 4294967295 ffffffff|7");
    EXPECT_EQ(narrow("%I32d %I32u", -3, 3U), "-3 3");
}

TEST(Format, LongerIntegersHave64Bits) {
    const std::int64_t least = INT64_MIN;
    EXPECT_EQ(narrow("%I64d %lld", least, least), "-9223372036854775808 -9223372036854775808");
    EXPECT_EQ(narrow("%I64x %I64X", 0xFEDCBA9876543210U, 0xFEDCBA9876543210U),
              "fedcba9876543210 FEDCBA9876543210");
    EXPECT_EQ(
        narrow(
            "%Id %Iu %IX %zu", std::int64_t{-5}, std::uint64_t{5}, std::uint64_t{0xAB}, SIZE_T{9}),
        "-5 5 AB 9");
}

TEST(Format, ShorterIntegersAreCut) {
    EXPECT_EQ(narrow("%hd %hu %hhd %hhu", 0x1FFFF, 0x1FFFF, 0x1FF, 0x1FF), "-1 65535 -1 255");
}

TEST(Format, FlagsWidthAndPrecisionShapeNumbers) {
    EXPECT_EQ(narrow("[%5d][%-5d][%05d][%+d][% d]", 42, 42, -42, 42, 42),
              "[   42][42   ][-0042][+42][ 42]");
    EXPECT_EQ(narrow("[%.4d][%8.3u][%08.3u][%.0d]", 7, 7, 7, 0), "[0007][     007][     007][]");
    EXPECT_EQ(narrow("[%#x][%#X][%#o][%#x][%#010x]", 255, 255, 8, 0, 255),
              "[0xff][0XFF][010][0][0x000000ff]");
    EXPECT_EQ(narrow("[%*d][%*d][%.*u]", 4, 1, -4, 1, 3, 1), "[   1][1   ][001]");
}

TEST(Format, OctalNumbersBeginWithOneZeroMoreThanTheyNeed) {
    EXPECT_EQ(narrow("[%#.5o][%#.2o][%#06o][%#o][%#.0o]", 8, 8, 8, 0, 0),
              "[00010][010][000010][0][0]");
    EXPECT_EQ(narrow("[%#6o][%-#6o][%-#6.4o]", 8, 8, 8), "[   010][010   ][0010  ]");
}

TEST(Format, PointersHaveAllTheirDigits) {
    EXPECT_EQ(narrow("%p", reinterpret_cast<void*>(0xFFFF'8000'0000'ABCDU)), "FFFF80000000ABCD");
    EXPECT_EQ(narrow("[%20p]", nullptr), "[    0000000000000000]");
}

TEST(Format, StringsAreNarrowOrWideAsTheConversionSays) {
    EXPECT_EQ(narrow("%s %hs %S %ls %ws", "a", "b", L"c", L"d", L"e"), "a b c d e");
    EXPECT_EQ(wide(L"%s %hs %S %ls %ws", L"a", "b", "c", L"d", L"e"), "a b c d e");
    EXPECT_EQ(narrow("%c%C%hc%wc", 'a', L'\x00e9', 'b', L'c'), "aébc");
    EXPECT_EQ(wide(L"%c%C", L'\x00e9', 'b'), "éb");
}

TEST(Format, WideTextBecomesUtf8AndBack) {
    EXPECT_EQ(narrow("%S|", L"\x20ac\xd83d\xde00"), "€😀|");
    EXPECT_EQ(wide(L"%S|", "€😀"), "€😀|");
    EXPECT_EQ(narrow("%S", L"\xd83d"), "\xEF\xBF\xBD");
}

TEST(Format, PrecisionKeepsFromReadingPastABufferWithoutNul) {
    const char narrow_buffer[] = {'a', 'b', 'c'};
    const WCHAR wide_buffer[] = {'x', 'y'};
    EXPECT_EQ(narrow("%.3s %.*S", narrow_buffer, 2, wide_buffer), "abc xy");
    EXPECT_EQ(narrow("[%6.2s][%-6s]", "abc", "abc"), "[    ab][abc   ]");
}

TEST(Format, CountedStringsNeedNoNul) {
    char narrow_buffer[] = {'a', 'b', 'c'};
    WCHAR wide_buffer[] = {'x', 'y', 'z'};
    STRING ansi = {2, 3, narrow_buffer};
    UNICODE_STRING unicode = {4, 6, wide_buffer};
    EXPECT_EQ(narrow("%Z %wZ [%4wZ]", &ansi, &unicode, &unicode), "ab xy [  xy]");
    EXPECT_EQ(wide(L"%Z %wZ", &ansi, &unicode), "ab xy");
}

TEST(Format, MissingStringsSayNull) {
    UNICODE_STRING unicode = {};
    EXPECT_EQ(narrow("%s %S %Z %wZ %wZ", nullptr, nullptr, nullptr, nullptr, &unicode),
              "(null) (null) (null) (null) (null)");
}

TEST(Format, WhatIsNoConversionIsWrittenAsItStands) {
    EXPECT_EQ(narrow("%y %5.1f %d", 1.5, 3), "%y %5.1f 3");
    EXPECT_EQ(narrow("50%"), "50%");
}

TEST(Format, AListWithManyArgumentsIsReadInOrder) {
    EXPECT_EQ(narrow("%d %I64d %s %d %d %d %d %I64d %s",
                     1,
                     std::int64_t{2},
                     "3",
                     4,
                     5,
                     6,
                     7,
                     std::int64_t{8},
                     "9"),
              "1 2 3 4 5 6 7 8 9");
}

TEST(Format, ABufferKeepsWhatFits) {
    char buffer[4];
    BufferSink<char> sink(buffer, 4);
    for (const char unit : {'a', 'b', 'c', 'd'}) {
        sink.put(unit);
    }
    EXPECT_FALSE(sink.overflowed());
    sink.put('e');
    EXPECT_TRUE(sink.overflowed());
    EXPECT_EQ(std::string(buffer, sink.length()), "abcd");
}

}  // namespace
}  // namespace owsk::nt::rtl
