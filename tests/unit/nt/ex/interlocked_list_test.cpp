// SPDX-License-Identifier: MIT
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class InterlockedList : public ExecutiveTest {
  protected:
    InterlockedList() {
        InitializeListHead(&head_);
        KeInitializeSpinLock(&lock_);
    }
    LIST_ENTRY head_;
    KSPIN_LOCK lock_;
};

TEST_F(InterlockedList, InsertionsReturnTheFormerNeighbour) {
    LIST_ENTRY a;
    LIST_ENTRY b;
    LIST_ENTRY c;
    EXPECT_EQ(ExInterlockedInsertHeadList(&head_, &b, &lock_), nullptr);
    EXPECT_EQ(ExInterlockedInsertHeadList(&head_, &a, &lock_), &b);
    EXPECT_EQ(ExInterlockedInsertTailList(&head_, &c, &lock_), &b);
    EXPECT_EQ(ExInterlockedRemoveHeadList(&head_, &lock_), &a);
    EXPECT_EQ(ExInterlockedRemoveHeadList(&head_, &lock_), &b);
    EXPECT_EQ(ExInterlockedRemoveHeadList(&head_, &lock_), &c);
    EXPECT_EQ(ExInterlockedRemoveHeadList(&head_, &lock_), nullptr);
}

TEST_F(InterlockedList, TheIrqlIsTheSameAfterwards) {
    LIST_ENTRY entry;
    ExInterlockedInsertTailList(&head_, &entry, &lock_);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    KIRQL old;
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    EXPECT_EQ(ExInterlockedRemoveHeadList(&head_, &lock_), &entry);
    EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeLowerIrql(old);
}

TEST_F(InterlockedList, SinglyLinkedListsAreStacks) {
    SINGLE_LIST_ENTRY head{};
    SINGLE_LIST_ENTRY a{};
    SINGLE_LIST_ENTRY b{};
    EXPECT_EQ(ExInterlockedPushEntryList(&head, &a, &lock_), nullptr);
    EXPECT_EQ(ExInterlockedPushEntryList(&head, &b, &lock_), &a);
    EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock_), &b);
    EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock_), &a);
    EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock_), nullptr);
}

}  // namespace
}  // namespace owsk::nt
