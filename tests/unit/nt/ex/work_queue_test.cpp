// SPDX-License-Identifier: MIT
#include <atomic>
#include <memory>
#include <vector>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class WorkQueue : public ExecutiveTest {};
using WorkQueueDeathTest = WorkQueue;

// What ExInitializeWorkItem does, one statement for each member.
void prepare(PWORK_QUEUE_ITEM item, PWORKER_THREAD_ROUTINE routine, PVOID context) {
    item->WorkerRoutine = routine;
    item->Parameter = context;
    item->List.Flink = nullptr;
}

struct Job {
    WORK_QUEUE_ITEM item;
    KEVENT done;
    KIRQL irql = HIGH_LEVEL;
};

VOID NTAPI record_irql(PVOID context) {
    auto* job = static_cast<Job*>(context);
    job->irql = KeGetCurrentIrql();
    KeSetEvent(&job->done, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI work_raised(PVOID) {
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

TEST_F(WorkQueue, RunsItemsAtPassiveLevelAlsoWhenQueuedAtDispatchLevel) {
    Job job;
    KeInitializeEvent(&job.done, NotificationEvent, FALSE);
    prepare(&job.item, record_irql, &job);
    KIRQL old;
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    ExQueueWorkItem(&job.item, DelayedWorkQueue);
    KeLowerIrql(old);
    LARGE_INTEGER timeout = long_timeout();
    EXPECT_EQ(KeWaitForSingleObject(&job.done, Executive, KernelMode, FALSE, &timeout),
              STATUS_SUCCESS);
    EXPECT_EQ(job.irql, PASSIVE_LEVEL);
}

// Each job waits for the next one, so only as many threads as there are jobs can finish them.
struct Link {
    WORK_QUEUE_ITEM item;
    KEVENT done;
    Link* next = nullptr;
};

VOID NTAPI wait_for_next(PVOID context) {
    auto* link = static_cast<Link*>(context);
    if (link->next != nullptr) {
        KeWaitForSingleObject(&link->next->done, Executive, KernelMode, FALSE, nullptr);
    }
    KeSetEvent(&link->done, IO_NO_INCREMENT, FALSE);
}

TEST_F(WorkQueue, GrowsWhileAllWorkersWait) {
    std::vector<Link> chain(ex::WorkQueue::workers_max);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        KeInitializeEvent(&chain[i].done, NotificationEvent, FALSE);
        chain[i].next = i + 1 < chain.size() ? &chain[i + 1] : nullptr;
    }
    for (Link& link : chain) {
        prepare(&link.item, wait_for_next, &link);
        ExQueueWorkItem(&link.item, DelayedWorkQueue);
    }
    LARGE_INTEGER timeout = long_timeout();
    EXPECT_EQ(KeWaitForSingleObject(&chain[0].done, Executive, KernelMode, FALSE, &timeout),
              STATUS_SUCCESS);
    EXPECT_LE(system().work_queue.worker_count(), ex::WorkQueue::workers_max);
}

struct Counted {
    WORK_QUEUE_ITEM item;
    std::atomic<int>* runs;
    int left;
};

VOID NTAPI requeue_then_free(PVOID context) {
    auto* counted = static_cast<Counted*>(context);
    ++*counted->runs;
    if (--counted->left > 0) {
        prepare(&counted->item, requeue_then_free, counted);
        ExQueueWorkItem(&counted->item, CriticalWorkQueue);
    } else {
        delete counted;
    }
}

TEST_F(WorkQueue, StopRunsWhatIsQueuedAndWhatThatQueues) {
    std::atomic<int> runs = 0;
    for (int i = 0; i < 50; ++i) {
        auto* counted = new Counted{{}, &runs, 3};
        prepare(&counted->item, requeue_then_free, counted);
        ExQueueWorkItem(&counted->item, DelayedWorkQueue);
    }
    system().work_queue.stop();
    EXPECT_EQ(runs, 150);
    EXPECT_EQ(system().work_queue.worker_count(), 0U);
}

TEST_F(WorkQueueDeathTest, AnItemThatIsQueuedCannotBeQueued) {
    EXPECT_DEATH(
        {
            system().work_queue.stop();
            Job job;
            prepare(&job.item, record_irql, &job);
            ExQueueWorkItem(&job.item, DelayedWorkQueue);
            ExQueueWorkItem(&job.item, DelayedWorkQueue);
        },
        "WORKER_INVALID\n.*rule: work-item-queued-twice\n.*already queued");
}

TEST_F(WorkQueueDeathTest, ReturningAtRaisedIrqlIsABugCheck) {
    EXPECT_DEATH(
        {
            WORK_QUEUE_ITEM item;
            prepare(&item, work_raised, nullptr);
            ExQueueWorkItem(&item, DelayedWorkQueue);
            system().work_queue.stop();
        },
        "WORKER_THREAD_RETURNED_AT_BAD_IRQL\n.*rule: irql-changed-by-work-item\n.*returned at IRQL "
        "2");
}

}  // namespace
}  // namespace owsk::nt
