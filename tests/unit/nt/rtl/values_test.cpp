// SPDX-License-Identifier: MIT
// The functions on plain values: memory, bytes, random numbers, dates, the version, assertions.
#include <gtest/gtest.h>
#include <ntddk.h>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt::rtl {
namespace {

TEST(RtlCompareMemory, CountsTheEqualBytes) {
    EXPECT_EQ(RtlCompareMemory("abcd", "abxd", 4), 2U);
    EXPECT_EQ(RtlCompareMemory("abcd", "abcd", 4), 4U);
    EXPECT_EQ(RtlCompareMemory("a", "b", 0), 0U);
}

TEST(RtlByteSwap, ReversesTheBytes) {
    EXPECT_EQ(RtlUshortByteSwap(0x1234), 0x3412);
    EXPECT_EQ(RtlUlongByteSwap(0x12345678U), 0x78563412U);
    EXPECT_EQ(RtlUlonglongByteSwap(0x0123456789ABCDEFULL), 0xEFCDAB8967452301ULL);
}

TEST(RtlRandomEx, RepeatsItselfFromTheSameSeed) {
    ULONG first = 12345;
    ULONG second = 12345;
    for (int i = 0; i < 1000; ++i) {
        const ULONG number = RtlRandomEx(&first);
        EXPECT_LT(number, static_cast<ULONG>(MAXLONG));
        EXPECT_EQ(RtlRandomEx(&second), number);
    }
}

TEST(RtlRandomEx, DoesNotStandStill) {
    ULONG seed = 0;
    const ULONG first = RtlRandomEx(&seed);
    EXPECT_NE(RtlRandomEx(&seed), first);
    EXPECT_NE(seed, 0U);
}

TEST(RtlTimeToTimeFields, KnowsTheCalendar) {
    LARGE_INTEGER time;
    TIME_FIELDS fields;
    time.QuadPart = 0;
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year, 1601);
    EXPECT_EQ(fields.Month, 1);
    EXPECT_EQ(fields.Day, 1);
    EXPECT_EQ(fields.Weekday, 1);
    time.QuadPart = 116444736000000000LL + (951782400LL + 86399) * 10'000'000 + 1230000;
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year, 2000);
    EXPECT_EQ(fields.Month, 2);
    EXPECT_EQ(fields.Day, 29);
    EXPECT_EQ(fields.Hour, 23);
    EXPECT_EQ(fields.Minute, 59);
    EXPECT_EQ(fields.Second, 59);
    EXPECT_EQ(fields.Milliseconds, 123);
    EXPECT_EQ(fields.Weekday, 2);
}

TEST(RtlTimeFieldsToTime, IsTheReverse) {
    TIME_FIELDS fields = {1970, 1, 1, 0, 0, 0, 1, 0};
    LARGE_INTEGER time = {};
    EXPECT_TRUE(RtlTimeFieldsToTime(&fields, &time));
    EXPECT_EQ(time.QuadPart, 116444736000010000LL);
    fields.Month = 2;
    fields.Day = 29;
    EXPECT_FALSE(RtlTimeFieldsToTime(&fields, &time));
}

TEST(RtlGetVersion, IsWindows10) {
    RTL_OSVERSIONINFOW version = {};
    version.dwOSVersionInfoSize = sizeof version;
    EXPECT_EQ(RtlGetVersion(&version), STATUS_SUCCESS);
    EXPECT_EQ(version.dwMajorVersion, 10U);
    EXPECT_EQ(version.dwMinorVersion, 0U);
    EXPECT_EQ(version.dwBuildNumber, 19045U);
}

using RtlAssertTest = ExecutiveTest;

TEST_F(RtlAssertTest, IsABugCheckThatNamesTheCondition) {
    char condition[] = "Count > 0";
    char file[] = "driver.c";
    EXPECT_DEATH(RtlAssert(condition, file, 42, nullptr),
                 "KMODE_EXCEPTION_NOT_HANDLED\n.*rule: driver-assertion-failed\n"
                 ".*Count > 0, driver.c:42(.|\n)*parameter 1: 0x00000000C0000420");
}

}  // namespace
}  // namespace owsk::nt::rtl
