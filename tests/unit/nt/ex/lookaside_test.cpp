// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <cstring>
#include <string>
#include <vector>

#include "nt/ex/lent_memory.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

constexpr ULONG tag = 0x6B6F6F4C;  // "Look"

class Lookaside : public ExecutiveTest {};
using LookasideDeathTest = Lookaside;

TEST_F(Lookaside, BlocksHaveTheSizeAndComeBack) {
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 100, tag, 0);
    void* block = ExAllocateFromNPagedLookasideList(&list);
    ASSERT_NE(block, nullptr);
    std::memset(block, 1, 100);
    EXPECT_EQ(list.L.TotalAllocates, 1U);
    EXPECT_EQ(list.L.AllocateMisses, 1U);
    ExFreeToNPagedLookasideList(&list, block);
    void* again = ExAllocateFromNPagedLookasideList(&list);
    EXPECT_EQ(list.L.TotalAllocates, 2U);
    EXPECT_EQ(list.L.AllocateMisses, list.L.Depth == 0 ? 2U : 1U);
    if (list.L.Depth != 0) {
        EXPECT_EQ(again, block);
    }
    ExFreeToNPagedLookasideList(&list, again);
    ExDeleteNPagedLookasideList(&list);
    EXPECT_EQ(system().report_leaks(), 0U);
}

TEST_F(Lookaside, NoMoreThanTheDepthAreKept) {
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 8, tag, 0);
    std::vector<void*> blocks(list.L.Depth + 3U);
    for (void*& block : blocks) {
        block = ExAllocateFromNPagedLookasideList(&list);
    }
    for (void* block : blocks) {
        ExFreeToNPagedLookasideList(&list, block);
    }
    EXPECT_EQ(list.L.TotalFrees, blocks.size());
    EXPECT_EQ(list.L.FreeMisses, 3U);
    EXPECT_EQ(ExQueryDepthSList(&list.L.ListHead), list.L.Depth);
    ExDeleteNPagedLookasideList(&list);
}

TEST_F(Lookaside, AListThatIsNotDeletedLeaksWhatItKeeps) {
    expect_leaks();
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 100, tag, 0);
    // Nothing is kept under the address sanitizer, which wants to see every use of a freed block.
    const std::vector<testing::Matcher<std::string>> kept(
        list.L.Depth == 0 ? 0 : 1, testing::HasSubstr("pool block: tag 'Look', 100 bytes"));
    ExFreeToNPagedLookasideList(&list, ExAllocateFromNPagedLookasideList(&list));
    EXPECT_EQ(system().report_leaks(), kept.size());
    EXPECT_THAT(observer().leaks(), testing::ElementsAreArray(kept));
    ExDeleteNPagedLookasideList(&list);
}

int allocations = 0;
int frees = 0;

PVOID NTAPI counted_allocate(POOL_TYPE type, SIZE_T size, ULONG with) {
    ++allocations;
    return ExAllocatePoolWithTag(type, size, with);
}

VOID NTAPI counted_free(PVOID block) {
    ++frees;
    ExFreePool(block);
}

TEST_F(Lookaside, UsesTheFunctionsOfTheDriver) {
    allocations = frees = 0;
    PAGED_LOOKASIDE_LIST list;
    ExInitializePagedLookasideList(&list, counted_allocate, counted_free, 0, 32, tag, 0);
    ExFreeToPagedLookasideList(&list, ExAllocateFromPagedLookasideList(&list));
    ExDeletePagedLookasideList(&list);
    EXPECT_EQ(allocations, 1);
    EXPECT_EQ(frees, 1);
}

PLOOKASIDE_LIST_EX list_seen = nullptr;

PVOID NTAPI allocate_ex(POOL_TYPE type, SIZE_T size, ULONG with, PLOOKASIDE_LIST_EX list) {
    list_seen = list;
    return ExAllocatePoolWithTag(type, size, with);
}

TEST_F(Lookaside, TheExListTellsItsFunctionsWhoCalls) {
    LOOKASIDE_LIST_EX list;
    ASSERT_EQ(
        ExInitializeLookasideListEx(&list, allocate_ex, nullptr, NonPagedPoolNx, 0, 64, tag, 0),
        STATUS_SUCCESS);
    void* block = ExAllocateFromLookasideListEx(&list);
    EXPECT_EQ(list_seen, &list);
    ExFreeToLookasideListEx(&list, block);
    ExFlushLookasideListEx(&list);
    EXPECT_EQ(ExQueryDepthSList(&list.L.ListHead), 0);
    ExDeleteLookasideListEx(&list);
    EXPECT_EQ(ExInitializeLookasideListEx(&list, nullptr, nullptr, NonPagedPoolNx, 0, 64, tag, 1),
              STATUS_INVALID_PARAMETER_8);
}

TEST_F(LookasideDeathTest, APagedListIsNotForDispatchLevel) {
    PAGED_LOOKASIDE_LIST list;
    ExInitializePagedLookasideList(&list, nullptr, nullptr, 0, 32, tag, 0);
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            ExAllocateFromPagedLookasideList(&list);
        },
        "IRQL_NOT_LESS_OR_EQUAL\n.*ExAllocateFromPagedLookasideList");
    ExDeletePagedLookasideList(&list);
}

[[gnu::noinline]] void free_to(NPAGED_LOOKASIDE_LIST& list, void* block) {
    ExFreeToNPagedLookasideList(&list, block);
    EXPECT_NE(list.L.TotalFrees, 0U) << "not the last thing, so that the call returns here";
}

TEST_F(LookasideDeathTest, AKeptBlockIsNotTheDrivers) {
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 100, tag, 0);
    auto* block = static_cast<volatile char*>(ExAllocateFromNPagedLookasideList(&list));
    void* const plain = const_cast<char*>(block);
    const auto write_late = [&] {
        free_to(list, plain);
        block[50] = 1;
    };
    const char* const written =
        "pool-block-written-after-free\n.*offset 50 .*freed at .*free_to|AddressSanitizer";
    EXPECT_DEATH((write_late(), ExAllocateFromNPagedLookasideList(&list)), written);
    EXPECT_DEATH((write_late(), ExDeleteNPagedLookasideList(&list)), written);
    const char* const freed = "pool-block-freed-twice\n.*freed at .*free_to|pool-block-freed-twice";
    EXPECT_DEATH((free_to(list, plain), free_to(list, plain)), freed);
    EXPECT_DEATH((free_to(list, plain), ExFreePool(plain)), freed);
    ExFreeToNPagedLookasideList(&list, plain);
    ExDeleteNPagedLookasideList(&list);
}

TEST_F(LookasideDeathTest, MemoryThatIsLentIsNotKept) {
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 100, tag, 0);
    void* block = ExAllocateFromNPagedLookasideList(&list);
    ex::lend(static_cast<char*>(block) + 30, nullptr);
    EXPECT_DEATH(ExFreeToNPagedLookasideList(&list, block),
                 "memory-freed-under-request\n.*ExFreeToNPagedLookasideList");
    ex::give_back(static_cast<char*>(block) + 30);
    ExFreeToNPagedLookasideList(&list, block);
    ExDeleteNPagedLookasideList(&list);
}

}  // namespace
}  // namespace owsk::nt
