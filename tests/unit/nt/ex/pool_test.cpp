// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "nt/ex/lent_memory.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr ULONG tag = 0x6C6F6F50;  // "Pool"

class Pool : public ExecutiveTest {};
using PoolDeathTest = Pool;

TEST_F(Pool, BlocksAreAlignedTo16AndLargeOnesToAPage) {
    for (const SIZE_T size :
         {SIZE_T{0}, SIZE_T{1}, SIZE_T{17}, SIZE_T{4095}, SIZE_T{4096}, SIZE_T{70000}}) {
        void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag);
        ASSERT_NE(block, nullptr);
        EXPECT_EQ(reinterpret_cast<ULONG_PTR>(block) % (size >= 4096 ? 4096 : 16), 0U) << size;
        std::memset(block, 0x11, size);
        ExFreePoolWithTag(block, tag);
    }
}

TEST_F(Pool, Pool2IsZeroedUnlessAskedNotTo) {
    auto* zeroed = static_cast<unsigned char*>(ExAllocatePool2(POOL_FLAG_PAGED, 100, tag));
    EXPECT_EQ(std::vector<unsigned char>(zeroed, zeroed + 100), std::vector<unsigned char>(100));
    ExFreePool(zeroed);
    auto* raw = static_cast<unsigned char*>(
        ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_UNINITIALIZED, 100, tag));
    EXPECT_NE(raw[0], 0);
    ExFreePool(raw);
}

TEST_F(Pool, OlderFunctionsFillWithAPattern) {
    auto* block = static_cast<unsigned char*>(ExAllocatePoolWithTag(NonPagedPoolNx, 50, tag));
    EXPECT_NE(block[0], 0);
    EXPECT_NE(block[49], 0);
    ExFreePoolWithTag(block, tag);
    block = static_cast<unsigned char*>(ExAllocatePool(NonPagedPool, 50));
    EXPECT_NE(block[0], 0);
    ExFreePool(block);
}

TEST_F(Pool, FlagsThatNameNoPoolOrTwoGetNull) {
    EXPECT_EQ(ExAllocatePool2(0, 10, tag), nullptr);
    EXPECT_EQ(ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_NON_PAGED, 10, tag), nullptr);
}

TEST_F(Pool, MoreThanThereIsGetsNull) {
    EXPECT_EQ(ExAllocatePool2(POOL_FLAG_NON_PAGED, ~SIZE_T{0} / 2, tag), nullptr);
    EXPECT_EQ(ExAllocatePoolWithTag(NonPagedPool, ~SIZE_T{0}, tag), nullptr);
}

TEST_F(Pool, LeaksNameTagSizeAndPlace) {
    expect_leaks();
    void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 96, tag);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(),
                ElementsAre(AllOf(HasSubstr("pool block: tag 'Pool', 96 bytes, allocated at "))));
    ExFreePool(block);
    EXPECT_EQ(system().report_leaks(), 0U);
}

TEST_F(Pool, BlocksMayBeFreedByAnotherThread) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this] {
            const ThreadScope scope(system());
            for (SIZE_T size = 0; size < 500; ++size) {
                void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag);
                ExFreePoolWithTag(block, tag);
            }
        });
    }
    void* mine = ExAllocatePool2(POOL_FLAG_NON_PAGED, 8, tag);
    threads.emplace_back([this, mine] {
        const ThreadScope scope(system());
        ExFreePool(mine);
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(system().report_leaks(), 0U);
}

[[gnu::noinline]] void free_it(void* block) {
    ExFreePool(block);
    asm volatile("");  // not the last thing, so that the call returns here
}

TEST_F(PoolDeathTest, FreeingTwiceNamesTheBlockAndBothPlaces) {
    void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 96, tag);
    EXPECT_DEATH(
        {
            free_it(block);
            ExFreePool(block);
        },
        "BAD_POOL_CALLER\n.*rule: pool-block-freed-twice\n.*already been freed.*'Pool', 96 "
        "bytes.*freed "
        "at .*free_it");
    ExFreePool(block);
}

// The address sanitizer finds it where it happens.
TEST_F(PoolDeathTest, AWriteToAFreedBlockIsFoundAtTheEnd) {
    for (const SIZE_T size : {SIZE_T{40}, SIZE_T{5000}, SIZE_T{100'000}}) {
        auto* block =
            static_cast<volatile unsigned char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag));
        EXPECT_DEATH(
            {
                free_it(const_cast<unsigned char*>(block));
                block[33] = 5;
                system().report_leaks();
            },
            "pool-block-written-after-free\n.*at offset 33 .tag 'Pool', .*freed at .*free_it"
            "|AddressSanitizer");
        ExFreePool(const_cast<unsigned char*>(block));
    }
}

TEST_F(PoolDeathTest, AWriteToAFreedBlockIsFoundWhenItsMemoryIsWanted) {
    auto* block = static_cast<volatile unsigned char*>(ExAllocatePool2(POOL_FLAG_PAGED, 40, tag));
    EXPECT_DEATH(
        {
            ExFreePool(const_cast<unsigned char*>(block));
            block[0] = 5;
            for (int i = 0; i < 1000; ++i) {
                ExFreePool(ExAllocatePool2(POOL_FLAG_PAGED, 40, tag));
            }
        },
        "pool-block-written-after-free\n.*at offset 0|AddressSanitizer");
    ExFreePool(const_cast<unsigned char*>(block));
}

TEST_F(PoolDeathTest, MemoryThatIsLentMayNotBeFreed) {
    for (const SIZE_T size : {SIZE_T{16}, SIZE_T{300}, SIZE_T{4096}, SIZE_T{1'000'000}}) {
        auto* block = static_cast<char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag));
        for (const SIZE_T offset : {SIZE_T{0}, size / 2, size - 1}) {
            ex::lend(block + offset, reinterpret_cast<const void*>(&free_it));
            EXPECT_DEATH(ExFreePool(block),
                         "memory-freed-under-request\n.*ExFreePool.*made at .*free_it");
            ex::give_back(block + offset);
        }
        ExFreePool(block);
    }
}

TEST_F(Pool, MemoryThatIsNoBlockCanBeLent) {
    static unsigned char bytes[40'000];
    for (SIZE_T i = 0; i < sizeof bytes; i += 777) {
        ex::lend(bytes + i, nullptr);
        ex::give_back(bytes + i);
    }
    ex::lend(nullptr, nullptr);
    ex::lend(reinterpret_cast<const void*>(0x1238), nullptr);
    void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag);
    ex::lend(static_cast<char*>(block) + 64, nullptr);
    ExFreePool(block);
}

TEST_F(Pool, MemoryOfNobodyIsLookedAtAlthoughWhatLayBeforeItIsGone) {
    constexpr std::size_t page = 4096;
    void* const pages =
        mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    char* const second = static_cast<char*>(pages) + page;
    ex::lend(second + 64, nullptr);
    ex::give_back(second + 64);
    ASSERT_EQ(munmap(pages, page), 0);
    ex::lend(second + 64, nullptr);
    ex::give_back(second + 64);
    EXPECT_EQ(munmap(second, page), 0);
}

// Blocks of several sizes lie beside each other: a loan of one is none of its neighbours.
TEST_F(Pool, OnlyTheBlockAroundAnAddressIsLent) {
    std::vector<char*> blocks;
    for (SIZE_T size = 1; size < 9000; size += 97) {
        blocks.push_back(static_cast<char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag)));
    }
    for (std::size_t i = 0; i < blocks.size(); i += 2) {
        EXPECT_TRUE(ex::lend(blocks[i] + i * 97 / 2, nullptr));
        EXPECT_FALSE(ex::lend(blocks[i] + i * 97 + 1, nullptr)) << "just behind it";
    }
    for (std::size_t i = 1; i < blocks.size(); i += 2) {
        ExFreePool(blocks[i]);
        EXPECT_FALSE(ex::lend(blocks[i] + 1, nullptr)) << "it is freed";
    }
    for (std::size_t i = 0; i < blocks.size(); i += 2) {
        ex::give_back(blocks[i] + i * 97 / 2);
        ExFreePool(blocks[i]);
    }
}

TEST_F(Pool, AFreedBlockIsNotTheNextOne) {
    void* first = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag);
    ExFreePool(first);
    void* second = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag);
    EXPECT_NE(second, first);
    ExFreePool(second);
}

// More than are kept as they were.
constexpr int many = 600;

void allocate_and_free_many(SIZE_T size) {
    for (int i = 0; i < many; ++i) {
        ExFreePool(ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag));
    }
}

// What was freed long ago and not written to is the next one's, whose size may differ a little.
TEST_F(PoolDeathTest, UsedMemoryIsGuardedLikeNewMemory) {
    for (const SIZE_T size : {SIZE_T{40}, SIZE_T{4096}, SIZE_T{9000}}) {
        allocate_and_free_many(size);
        for (SIZE_T other = size; other < size + 8; ++other) {
            auto* block = static_cast<volatile unsigned char*>(
                ExAllocatePool2(POOL_FLAG_NON_PAGED, other, tag));
            EXPECT_EQ(reinterpret_cast<ULONG_PTR>(block) % (other >= 4096 ? 4096 : 16), 0U);
            EXPECT_TRUE(ex::lend(const_cast<unsigned char*>(block) + other - 1, nullptr));
            EXPECT_FALSE(ex::lend(const_cast<unsigned char*>(block) + other, nullptr));
            ex::give_back(const_cast<unsigned char*>(block) + other - 1);
            EXPECT_DEATH(
                {
                    block[other] = 1;
                    ExFreePool(const_cast<unsigned char*>(block));
                },
                "pool-block-written-past-its-end\n.*'Pool', " + std::to_string(other) +
                    " bytes|AddressSanitizer");
            ExFreePool(const_cast<unsigned char*>(block));
        }
    }
    EXPECT_EQ(system().report_leaks(), 0U);
}

// The address sanitizer finds it where it happens.
TEST_F(PoolDeathTest, AWriteToAFreedBlockThatWasLookedAtIsFoundAtTheEnd) {
    auto* block = static_cast<volatile unsigned char*>(ExAllocatePool2(POOL_FLAG_PAGED, 40, tag));
    EXPECT_DEATH(
        {
            free_it(const_cast<unsigned char*>(block));
            allocate_and_free_many(77);
            block[33] = 5;
            system().report_leaks();
        },
        "pool-block-written-after-free\n.*at offset 33 .*freed at .*free_it|AddressSanitizer");
    EXPECT_DEATH(
        {
            free_it(const_cast<unsigned char*>(block));
            allocate_and_free_many(77);
            ExFreePool(const_cast<unsigned char*>(block));
        },
        "pool-block-freed-twice\n.*freed at .*free_it|AddressSanitizer");
    ExFreePool(const_cast<unsigned char*>(block));
}

// Memory that was freed long ago goes back to the system when there is much of it.
TEST_F(Pool, ManyBlocksOfAllSizesComeAndGo) {
    std::vector<void*> blocks;
    for (int round = 0; round < 3; ++round) {
        for (SIZE_T size = 0; size < 200'000; size += 1 + size / 16) {
            for (int i = 0; i < 4; ++i) {
                blocks.push_back(ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag));
                ASSERT_NE(blocks.back(), nullptr);
                std::memset(blocks.back(), round + 1, size);
            }
        }
        for (void* block : blocks) {
            ExFreePool(block);
        }
        blocks.clear();
    }
    EXPECT_EQ(system().report_leaks(), 0U);
}

TEST_F(PoolDeathTest, ForeignAddressesAreRefused) {
    alignas(16) static unsigned char foreign[256];
    EXPECT_DEATH(ExFreePool(&foreign[128]),
                 "BAD_POOL_CALLER\n.*rule: pool-block-freed-but-never-allocated\n.*that no "
                 "allocation returned");
    EXPECT_DEATH(ExFreePool(&foreign[129]),
                 "BAD_POOL_CALLER\n.*rule: pool-block-freed-but-never-allocated\n.*that no "
                 "allocation returned");
    EXPECT_DEATH(ExFreePool(nullptr),
                 "BAD_POOL_CALLER\n.*rule: null-pointer-freed\n.*null pointer");
}

TEST_F(PoolDeathTest, TheWrongTagIsRefused) {
    void* block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 96, tag);
    EXPECT_DEATH(ExFreePoolWithTag(block, 0x31676154),
                 "BAD_POOL_CALLER\n.*rule: pool-block-freed-with-wrong-tag\n.*'Tag1'.*'Pool'");
    ExFreePoolWithTag(block, tag);
}

TEST_F(PoolDeathTest, AWriteBehindTheBlockIsFound) {
    auto* block =
        static_cast<volatile unsigned char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, 13, tag));
    EXPECT_DEATH(
        {
            block[13] = 1;
            ExFreePool(const_cast<unsigned char*>(block));
        },
        "BAD_POOL_HEADER\n.*rule: pool-block-written-past-its-end\n.*past the end.*'Pool', 13 "
        "bytes|AddressSanitizer");
    ExFreePool(const_cast<unsigned char*>(block));
}

TEST_F(PoolDeathTest, PagedPoolIsNotForDispatchLevel) {
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            ExAllocatePool2(POOL_FLAG_PAGED, 10, tag);
        },
        "IRQL_NOT_LESS_OR_EQUAL\n.*ExAllocatePool2");
    void* block = ExAllocatePoolWithTag(PagedPool, 10, tag);
    EXPECT_DEATH(
        {
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            ExFreePool(block);
        },
        "IRQL_NOT_LESS_OR_EQUAL\n.*ExFreePool");
    ExFreePool(block);
}

}  // namespace
}  // namespace owsk::nt
