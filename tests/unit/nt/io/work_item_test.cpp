// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "unit/nt/io/driver_fixture.h"

namespace owsk::nt {
namespace {

struct Outcome {
    KEVENT done;
    PVOID object = nullptr;
    PIO_WORKITEM item = nullptr;
};

VOID NTAPI note(PDEVICE_OBJECT device, PVOID context) {
    auto* run = static_cast<Outcome*>(context);
    run->object = device;
    KeSetEvent(&run->done, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI note_and_free(PVOID object, PVOID context, PIO_WORKITEM item) {
    auto* run = static_cast<Outcome*>(context);
    run->object = object;
    IoFreeWorkItem(item);
    KeSetEvent(&run->done, IO_NO_INCREMENT, FALSE);
}

class WorkItem : public DriverTest {
  protected:
    WorkItem() { KeInitializeEvent(&run_.done, NotificationEvent, FALSE); }
    NTSTATUS wait() {
        LARGE_INTEGER timeout = long_timeout();
        return KeWaitForSingleObject(&run_.done, Executive, KernelMode, FALSE, &timeout);
    }
    Outcome run_;
};
using WorkItemDeathTest = WorkItem;

TEST_F(WorkItem, RunsWithItsDevice) {
    const PIO_WORKITEM item = IoAllocateWorkItem(device_);
    IoQueueWorkItem(item, note, DelayedWorkQueue, &run_);
    EXPECT_EQ(wait(), STATUS_SUCCESS);
    EXPECT_EQ(run_.object, device_);
    IoFreeWorkItem(item);
}

TEST_F(WorkItem, TheExRoutineMayFreeIt) {
    IoQueueWorkItemEx(IoAllocateWorkItem(device_), note_and_free, DelayedWorkQueue, &run_);
    EXPECT_EQ(wait(), STATUS_SUCCESS);
    EXPECT_EQ(run_.object, device_);
    EXPECT_EQ(system().pool.report_leaks(system().probes()), 0U);
}

TEST_F(WorkItem, StorageOfTheDriverAndADriverObjectWillDo) {
    std::vector<std::max_align_t> storage(IoSizeofWorkItem() / sizeof(std::max_align_t) + 1);
    const PIO_WORKITEM item = reinterpret_cast<PIO_WORKITEM>(storage.data());
    IoInitializeWorkItem(driver_, item);
    IoQueueWorkItem(item, note, DelayedWorkQueue, &run_);
    EXPECT_EQ(wait(), STATUS_SUCCESS);
    EXPECT_EQ(run_.object, driver_);
    IoUninitializeWorkItem(item);
}

struct Gate {
    KEVENT open;
    std::atomic<bool> returned = false;
};

VOID NTAPI wait_at_gate(PDEVICE_OBJECT, PVOID context) {
    auto* gate = static_cast<Gate*>(context);
    KeWaitForSingleObject(&gate->open, Executive, KernelMode, FALSE, nullptr);
    gate->returned = true;
}

TEST_F(WorkItem, UnloadWaitsUntilItHasReturned) {
    Gate gate;
    KeInitializeEvent(&gate.open, NotificationEvent, FALSE);
    const PIO_WORKITEM item = IoAllocateWorkItem(device_);
    IoQueueWorkItem(item, wait_at_gate, DelayedWorkQueue, &gate);
    IoDeleteDevice(device_);
    device_ = nullptr;
    std::thread unloader([&] {
        const ThreadScope scope(system());
        EXPECT_EQ(system().drivers.unload("test"), STATUS_SUCCESS);
        EXPECT_TRUE(gate.returned);
    });
    KeSetEvent(&gate.open, IO_NO_INCREMENT, FALSE);
    unloader.join();
    IoFreeWorkItem(item);
}

TEST_F(WorkItem, OneThatIsNotFreedIsALeak) {
    expect_leaks();
    const PIO_WORKITEM item = IoAllocateWorkItem(device_);
    EXPECT_EQ(system().pool.report_leaks(system().probes()), 1U);
    EXPECT_THAT(
        observer().leaks(),
        testing::ElementsAre(testing::ContainsRegex("work item: .*not queued, allocated at")));
    IoFreeWorkItem(item);
}

[[gnu::noinline]] void queue_it(PIO_WORKITEM item, PVOID context) {
    IoQueueWorkItem(item, note, DelayedWorkQueue, context);
    EXPECT_NE(item, nullptr) << "not the last thing, so that the call returns here";
}

TEST_F(WorkItemDeathTest, IsNotQueuedTwiceNorFreedWhileQueued) {
    EXPECT_DEATH(
        {
            system().work_queue.stop();
            const PIO_WORKITEM item = IoAllocateWorkItem(device_);
            queue_it(item, &run_);
            IoQueueWorkItem(item, note, DelayedWorkQueue, &run_);
        },
        "work-item-queued-twice\n.*It was queued at .*queue_it");
    EXPECT_DEATH(
        {
            system().work_queue.stop();
            const PIO_WORKITEM item = IoAllocateWorkItem(device_);
            IoQueueWorkItem(item, note, DelayedWorkQueue, &run_);
            IoFreeWorkItem(item);
        },
        "work-item-freed-while-queued");
}

TEST_F(WorkItemDeathTest, NeedsAnObject) {
    alignas(16) static std::byte nothing[sizeof(DEVICE_OBJECT) + 64];
    EXPECT_DEATH(IoAllocateWorkItem(reinterpret_cast<PDEVICE_OBJECT>(nothing + 64)),
                 "IoAllocateWorkItem");
}

}  // namespace
}  // namespace owsk::nt
