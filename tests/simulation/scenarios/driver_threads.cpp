// SPDX-License-Identifier: MIT
// A driver without a network: system threads, work items, timers with DPCs and spin locks pass
// numbers on. Each number comes out once, and the driver can wait for the end of all of it.
#include <set>

#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

constexpr ULONG item_tag = 0x6D657449;  // "Item"

struct Item {
    WORK_QUEUE_ITEM work;
    struct Factory* factory;
    ULONG number;
    LIST_ENTRY link;
};

// Numbers go from the threads to a DPC, from there through a list to work items, and out.
struct Factory {
    explicit Factory(Run& owner) : run(owner) {
        KeInitializeSpinLock(&lock);
        KeInitializeTimer(&timer);
        KeInitializeDpc(&dpc, on_timer, this);
        KeInitializeMutex(&mutex, 0);
        KeInitializeSemaphore(&room, 4, 4);
        KeInitializeEvent(&all_out, NotificationEvent, FALSE);
        InitializeListHead(&list);
    }

    static NTAPI void on_timer(PKDPC, PVOID context, PVOID, PVOID) {
        static_cast<Factory*>(context)->hand_over();
    }
    static NTAPI void on_work(PVOID context) {
        auto* item = static_cast<Item*>(context);
        Factory& factory = *item->factory;
        const ULONG number = item->number;
        ExFreePool(item);
        factory.put_out(number);
        --factory.working;
    }

    void make(ULONG number) {
        auto* item = static_cast<Item*>(ExAllocatePoolZero(NonPagedPoolNx, sizeof(Item), item_tag));
        item->factory = this;
        item->number = number;
        ExInitializeWorkItem(&item->work, on_work, item);
        KIRQL irql;
        KeAcquireSpinLock(&lock, &irql);
        InsertTailList(&list, &item->link);
        KeReleaseSpinLock(&lock, irql);
        LARGE_INTEGER due;
        due.QuadPart = -static_cast<LONGLONG>(run.below(2000));
        KeSetTimer(&timer, due, &dpc);
    }

    void hand_over() {
        KeAcquireSpinLockAtDpcLevel(&lock);
        while (!IsListEmpty(&list)) {
            Item* item = CONTAINING_RECORD(RemoveHeadList(&list), Item, link);
            ++working;
            ExQueueWorkItem(&item->work, DelayedWorkQueue);
        }
        KeReleaseSpinLockFromDpcLevel(&lock);
    }

    void put_out(ULONG number) {
        KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, nullptr);
        if (inside) {
            run.fail("two threads own the mutex");
        }
        inside = true;
        if (run.chance(20)) {
            Server::sleep(run.moment(100us));
        }
        if (!numbers.insert(number).second) {
            run.fail("a number came out twice");
        }
        const bool is_last = numbers.size() == wanted;
        inside = false;
        KeReleaseMutex(&mutex, FALSE);
        KeReleaseSemaphore(&room, IO_NO_INCREMENT, 1, FALSE);
        if (is_last) {
            KeSetEvent(&all_out, IO_NO_INCREMENT, FALSE);
        }
    }

    Run& run;
    KSPIN_LOCK lock;
    KTIMER timer;
    KDPC dpc;
    KMUTEX mutex;
    KSEMAPHORE room;
    KEVENT all_out;
    LIST_ENTRY list;
    std::set<ULONG> numbers;
    std::size_t wanted = 0;
    bool inside = false;
    unsigned working = 0;  // work items that may still touch the factory
    ULONG next = 0;
};

NTAPI void produce(PVOID context) {
    Factory& factory = *static_cast<Factory*>(context);
    for (unsigned i = 0; i < 5; ++i) {
        KeWaitForSingleObject(&factory.room, Executive, KernelMode, FALSE, nullptr);
        factory.make(factory.next++);
        if (factory.run.chance(30)) {
            Server::sleep(factory.run.moment(200us));
        }
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

}  // namespace

OWSK_SCENARIO(driver_threads, "threads, work items, timers, DPCs and spin locks of a driver") {
    Server& server = run.add_server({.registered = false});
    server.perform([&] {
        Factory factory(run);
        const std::uint64_t threads = run.between(1, 4);
        factory.wanted = threads * 5;
        std::vector<PVOID> objects;
        for (std::uint64_t i = 0; i < threads; ++i) {
            HANDLE handle = nullptr;
            PVOID object = nullptr;
            PsCreateSystemThread(
                &handle, THREAD_ALL_ACCESS, nullptr, nullptr, nullptr, produce, &factory);
            ObReferenceObjectByHandle(
                handle, THREAD_ALL_ACCESS, nullptr, KernelMode, &object, nullptr);
            ZwClose(handle);
            objects.push_back(object);
        }
        for (PVOID object : objects) {
            KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr);
            ObDereferenceObject(object);
        }
        KeWaitForSingleObject(&factory.all_out, Executive, KernelMode, FALSE, nullptr);
        KeCancelTimer(&factory.timer);
        KeFlushQueuedDpcs();
        while (factory.working != 0) {
            Server::sleep(1us);
        }
    });
    run.finish();
}

}  // namespace owsk::scenarios
