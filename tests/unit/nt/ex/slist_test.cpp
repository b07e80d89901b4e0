// SPDX-License-Identifier: MIT
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class SList : public ExecutiveTest {
  protected:
    SList() { InitializeSListHead(&head_); }
    DECLSPEC_ALIGN(16) SLIST_HEADER head_;
};

struct alignas(16) Entry {
    SLIST_ENTRY link;
    std::atomic<int> owners;
};

TEST_F(SList, LastInIsFirstOut) {
    Entry a{};
    Entry b{};
    EXPECT_EQ(InterlockedPopEntrySList(&head_), nullptr);
    EXPECT_EQ(InterlockedPushEntrySList(&head_, &a.link), nullptr);
    EXPECT_EQ(InterlockedPushEntrySList(&head_, &b.link), &a.link);
    EXPECT_EQ(ExQueryDepthSList(&head_), 2);
    EXPECT_EQ(InterlockedPopEntrySList(&head_), &b.link);
    EXPECT_EQ(InterlockedPopEntrySList(&head_), &a.link);
    EXPECT_EQ(InterlockedPopEntrySList(&head_), nullptr);
    EXPECT_EQ(ExQueryDepthSList(&head_), 0);
}

TEST_F(SList, FlushTakesAllStillLinked) {
    Entry a{};
    Entry b{};
    InterlockedPushEntrySList(&head_, &a.link);
    InterlockedPushEntrySList(&head_, &b.link);
    const PSLIST_ENTRY all = InterlockedFlushSList(&head_);
    EXPECT_EQ(all, &b.link);
    EXPECT_EQ(all->Next, &a.link);
    EXPECT_EQ(all->Next->Next, nullptr);
    EXPECT_EQ(ExQueryDepthSList(&head_), 0);
}

TEST_F(SList, NoEntryHasTwoOwners) {
    std::vector<Entry> entries(64);
    for (Entry& entry : entries) {
        InterlockedPushEntrySList(&head_, &entry.link);
    }
    std::atomic<bool> twice = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const ThreadScope scope(system());
            for (int round = 0; round < 5000; ++round) {
                const PSLIST_ENTRY link = InterlockedPopEntrySList(&head_);
                if (link == nullptr) {
                    continue;
                }
                Entry* entry = CONTAINING_RECORD(link, Entry, link);
                twice = twice || entry->owners.fetch_add(1) != 0;
                entry->owners.fetch_sub(1);
                InterlockedPushEntrySList(&head_, link);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(twice);
    EXPECT_EQ(ExQueryDepthSList(&head_), 64);
    std::set<PSLIST_ENTRY> seen;
    while (const PSLIST_ENTRY link = InterlockedPopEntrySList(&head_)) {
        seen.insert(link);
    }
    EXPECT_EQ(seen.size(), 64U);
}

}  // namespace
}  // namespace owsk::nt
