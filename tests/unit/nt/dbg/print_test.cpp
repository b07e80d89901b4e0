// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <ntddk.h>

#include <csignal>

#include "nt/dbg/filter.h"
#include "nt/rtl/va_list.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt::dbg {
namespace {

using DbgPrintTest = ExecutiveTest;

TEST_F(DbgPrintTest, ACallIsOneRecord) {
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"echo");
    EXPECT_EQ(DbgPrint("%wZ: port %lu, %I64x\n", &name, 7U, 0x100000000ULL), 0U);
    EXPECT_EQ(observer().debug_text(), "echo: port 7, 100000000\n");
}

TEST_F(DbgPrintTest, LongTextIsNotCut) {
    const std::string text(2000, 'x');
    DbgPrint("%s", text.c_str());
    EXPECT_EQ(observer().debug_text(), text);
}

TEST_F(DbgPrintTest, TheFilterDecides) {
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%s", "a");
    DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, "%s", "b");
    DbgPrintEx(DPFLTR_SYSTEM_ID, DPFLTR_INFO_LEVEL, "%s", "c");
    EXPECT_EQ(observer().debug_text(), "ab");
}

ULONG NTAPI print_list(const char* format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    const ULONG status =
        vDbgPrintExWithPrefix("echo: ", DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, format, list);
    OWSK_VA_END(list);
    return status;
}

TEST_F(DbgPrintTest, ListsOfArgumentsArePrinted) {
    EXPECT_EQ(print_list("%d %d %d %d %d %d", 1, 2, 3, 4, 5, 6), 0U);
    EXPECT_EQ(observer().debug_text(), "echo: 1 2 3 4 5 6");
}

TEST(DbgPrint, AThreadOfNoMachineWritesToStandardError) {
    testing::internal::CaptureStderr();
    DbgPrint("from %s\n", "nowhere");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "from nowhere\n");
}

TEST(DebugFilter, AHighLevelIsAMask) {
    EXPECT_TRUE(is_shown(DPFLTR_SYSTEM_ID, DPFLTR_WARNING_LEVEL));
    EXPECT_FALSE(is_shown(DPFLTR_SYSTEM_ID, DPFLTR_TRACE_LEVEL));
    EXPECT_TRUE(is_shown(DPFLTR_SYSTEM_ID, DPFLTR_MASK | 1U));
    EXPECT_FALSE(is_shown(DPFLTR_SYSTEM_ID, DPFLTR_MASK | 8U));
}

TEST(DbgBreakPointDeathTest, WithoutADebuggerTheProcessEnds) {
    EXPECT_EXIT(DbgBreakPoint(), testing::KilledBySignal(SIGTRAP), "");
}

}  // namespace
}  // namespace owsk::nt::dbg
