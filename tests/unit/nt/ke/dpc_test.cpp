// SPDX-License-Identifier: MIT
// DPCs: where, when and how often they run.
#include <gmock/gmock.h>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class KeDpc : public ExecutiveTest {
  protected:
    KeDpc() : ExecutiveTest(2) {}
};

using testing::ElementsAre;

// What the DPCs of a test saw; each test reads it only after KeFlushQueuedDpcs.
struct Record {
    std::vector<PVOID> arguments;
    KIRQL irql = 0;
    ULONG processor = 99;

    static VOID NTAPI write(PKDPC, PVOID context, PVOID argument1, PVOID) {
        auto& record = *static_cast<Record*>(context);
        record.arguments.push_back(argument1);
        record.irql = KeGetCurrentIrql();
        record.processor = KeGetCurrentProcessorNumberEx(nullptr);
    }
};

// Holds a processor until it is told to go on.
struct Blocker {
    std::atomic<bool> entered = false;
    std::atomic<bool> go_on = false;
    KDPC dpc;

    Blocker() {
        KeInitializeDpc(
            &dpc,
            [](PKDPC, PVOID context, PVOID, PVOID) NTAPI {
                auto& blocker = *static_cast<Blocker*>(context);
                blocker.entered = true;
                while (!blocker.go_on) {
                    KeStallExecutionProcessor(10);
                }
            },
            this);
        KeInsertQueueDpc(&dpc, nullptr, nullptr);
        while (!entered) {
            KeStallExecutionProcessor(10);
        }
    }
};

PVOID mark(std::uintptr_t number) {
    return reinterpret_cast<PVOID>(number);
}

TEST_F(KeDpc, RunsOnceAtDispatchLevelWithItsArguments) {
    Record record;
    KDPC dpc;
    KeInitializeDpc(&dpc, &Record::write, &record);
    EXPECT_TRUE(KeInsertQueueDpc(&dpc, mark(7), nullptr));
    KeFlushQueuedDpcs();
    EXPECT_THAT(record.arguments, ElementsAre(mark(7)));
    EXPECT_EQ(record.irql, DISPATCH_LEVEL);
}

TEST_F(KeDpc, QueuedTwiceRunsOnce) {
    Blocker blocker;
    Record record;
    KDPC dpc;
    KeInitializeDpc(&dpc, &Record::write, &record);
    EXPECT_TRUE(KeInsertQueueDpc(&dpc, mark(1), nullptr));
    EXPECT_FALSE(KeInsertQueueDpc(&dpc, mark(2), nullptr));
    blocker.go_on = true;
    KeFlushQueuedDpcs();
    EXPECT_THAT(record.arguments, ElementsAre(mark(1)));
}

TEST_F(KeDpc, RemovedDoesNotRun) {
    Blocker blocker;
    Record record;
    KDPC dpc;
    KeInitializeDpc(&dpc, &Record::write, &record);
    KeInsertQueueDpc(&dpc, nullptr, nullptr);
    EXPECT_TRUE(KeRemoveQueueDpc(&dpc));
    EXPECT_FALSE(KeRemoveQueueDpc(&dpc));
    blocker.go_on = true;
    KeFlushQueuedDpcs();
    EXPECT_TRUE(record.arguments.empty());
}

TEST_F(KeDpc, HighImportanceGoesFirst) {
    Blocker blocker;
    Record record;
    KDPC plain;
    KDPC urgent;
    KeInitializeDpc(&plain, &Record::write, &record);
    KeInitializeDpc(&urgent, &Record::write, &record);
    KeSetImportanceDpc(&urgent, HighImportance);
    KeInsertQueueDpc(&plain, mark(1), nullptr);
    KeInsertQueueDpc(&urgent, mark(2), nullptr);
    blocker.go_on = true;
    KeFlushQueuedDpcs();
    EXPECT_THAT(record.arguments, ElementsAre(mark(2), mark(1)));
}

TEST_F(KeDpc, RunsOnItsTargetProcessor) {
    Record record;
    KDPC dpc;
    KeInitializeDpc(&dpc, &Record::write, &record);
    KeSetTargetProcessorDpc(&dpc, 1);
    KeInsertQueueDpc(&dpc, nullptr, nullptr);
    KeFlushQueuedDpcs();
    EXPECT_EQ(record.processor, 1U);
}

TEST_F(KeDpc, MayFreeItselfAndQueueOthers) {
    struct Chain {
        KDPC dpc;
        int left;
        std::atomic<int>* ends;
        static VOID NTAPI step(PKDPC, PVOID context, PVOID, PVOID) {
            auto* const chain = static_cast<Chain*>(context);
            if (--chain->left > 0) {
                KeInsertQueueDpc(&chain->dpc, nullptr, nullptr);
                return;
            }
            std::atomic<int>& ends = *chain->ends;
            delete chain;
            ++ends;
        }
    };
    std::atomic<int> ends = 0;
    auto* const chain = new Chain{.dpc = {}, .left = 300, .ends = &ends};
    KeInitializeDpc(&chain->dpc, &Chain::step, chain);
    KeInsertQueueDpc(&chain->dpc, nullptr, nullptr);
    while (ends == 0) {
        KeFlushQueuedDpcs();
    }
    EXPECT_EQ(ends, 1);
}

TEST_F(KeDpc, ThatReturnsAtAnotherIrqlIsABugCheck) {
    EXPECT_DEATH(
        {
            KDPC dpc;
            KeInitializeDpc(
                &dpc,
                [](PKDPC, PVOID, PVOID, PVOID) NTAPI {
                    KIRQL irql;
                    KeRaiseIrql(HIGH_LEVEL, &irql);
                },
                nullptr);
            KeInsertQueueDpc(&dpc, nullptr, nullptr);
            KeFlushQueuedDpcs();
        },
        "rule: irql-changed-by-dpc");
}

TEST_F(KeDpc, ATargetThatTheMachineDoesNotHaveIsABugCheck) {
    KDPC dpc;
    KeInitializeDpc(&dpc, Record::write, nullptr);
    KeSetTargetProcessorDpc(&dpc, 1);
    EXPECT_DEATH(KeSetTargetProcessorDpc(&dpc, 2),
                 "rule: dpc-targeted-at-missing-processor\n.*processor 2 of 2");
}

}  // namespace
}  // namespace owsk::nt
