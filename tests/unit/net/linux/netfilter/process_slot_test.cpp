// SPDX-License-Identifier: MIT
// Numbers are unique while they are held, and free again when the holder is gone. In a network of
// its own, where no other process of this machine holds numbers.
#include "net/linux/netfilter/process_slot.h"

#include <vector>

#include "unit/net/linux/netfilter/own_network.h"

namespace owsk::net {
namespace {

class ProcessSlotTest : public OwnNetworkTest {};

TEST_F(ProcessSlotTest, IsTheLowestFreeNumber) {
    in_own_network([] {
        std::optional<ProcessSlot> first = ProcessSlot::claim();
        const std::optional<ProcessSlot> second = ProcessSlot::claim();
        ASSERT_TRUE(first && second);
        EXPECT_EQ(first->number(), 0U);
        EXPECT_EQ(second->number(), 1U);
        first.reset();
        EXPECT_EQ(ProcessSlot::claim()->number(), 0U);
    });
}

TEST_F(ProcessSlotTest, IsNoneWhenAllAreTaken) {
    in_own_network([] {
        std::vector<ProcessSlot> slots;
        for (unsigned taken = 0; taken < ProcessSlot::count; ++taken) {
            slots.push_back(*ProcessSlot::claim());
        }
        EXPECT_FALSE(ProcessSlot::claim());
    });
}

TEST_F(ProcessSlotTest, VisitsFreeNumbersAndHoldsThemMeanwhile) {
    in_own_network([] {
        const std::optional<ProcessSlot> zero = ProcessSlot::claim();
        std::vector<unsigned> visited;
        ProcessSlot::for_each_free([&visited](unsigned number) {
            visited.push_back(number);
            EXPECT_FALSE(ProcessSlot::claim(number));
        });
        ASSERT_EQ(visited.size(), ProcessSlot::count - 1);
        EXPECT_EQ(visited.front(), 1U);
        EXPECT_EQ(visited.back(), ProcessSlot::count - 1);
        EXPECT_EQ(ProcessSlot::claim()->number(), 1U);
    });
}

TEST_F(ProcessSlotTest, IsFreeAgainWhenItsProcessWasKilled) {
    in_own_network([] {
        const pid_t child = fork_process([] { return ProcessSlot::claim(); });
        EXPECT_EQ(ProcessSlot::claim()->number(), 1U);
        kill_process(child);
        EXPECT_EQ(ProcessSlot::claim()->number(), 0U);
    });
}

}  // namespace
}  // namespace owsk::net
