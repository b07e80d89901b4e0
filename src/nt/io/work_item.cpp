// SPDX-License-Identifier: MIT
// IO_WORKITEM: work items that keep their device and driver in place while they are queued or run.
#include <wdm.h>

#include <atomic>
#include <new>
#include <string>

#include "nt/ex/pool_tracker.h"
#include "nt/io/driver_object.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

using namespace owsk::nt;

struct _IO_WORKITEM {
    WORK_QUEUE_ITEM item;
    PVOID object;  // DEVICE_OBJECT or DRIVER_OBJECT
    PIO_WORKITEM_ROUTINE routine;
    PIO_WORKITEM_ROUTINE_EX routine_ex;
    PVOID context;
    std::atomic<bool> queued;
};

namespace {

std::string describe_work_item(const ex::PoolBlock&, const void* bytes) {
    return static_cast<const _IO_WORKITEM*>(bytes)->queued.load() ? "queued" : "not queued";
}

const ex::BlockKind work_item_block{"work item", "IoFreeWorkItem", describe_work_item};

io::DriverObject& driver_of(PVOID object, const char* function) noexcept {
    ob::Object& found = ob::Object::from_body(object, function);
    if (&found.type() == &ob::driver_type) {
        return static_cast<io::DriverObject&>(found);
    }
    return io::DeviceObject::from(static_cast<PDEVICE_OBJECT>(object), function).driver();
}

// The routine may free or queue the work item again, so all that is needed afterwards is copied.
VOID NTAPI run(PVOID parameter) {
    auto* work_item = static_cast<PIO_WORKITEM>(parameter);
    const PVOID object = work_item->object;
    const auto kept = ob::Ref<ob::Object>::adopt(&ob::Object::from_body(object, "IoQueueWorkItem"));
    const auto driver = ob::Ref<io::DriverObject>::share(&driver_of(object, "IoQueueWorkItem"));
    const PIO_WORKITEM_ROUTINE routine = work_item->routine;
    const PIO_WORKITEM_ROUTINE_EX routine_ex = work_item->routine_ex;
    const PVOID context = work_item->context;
    work_item->queued.store(false);
    if (routine_ex != nullptr) {
        routine_ex(object, context, work_item);
    } else {
        routine(static_cast<PDEVICE_OBJECT>(object), context);
    }
    driver->unpin();
}

// An item of IoInitializeWorkItem has no block of its own, which could say where.
std::string still_queued(PIO_WORKITEM work_item, const char* function) {
    const void* const place = ex::state_of(work_item) == ex::BlockState::live
                                  ? ex::read_header(ex::block_of(work_item)).noted_at
                                  : nullptr;
    return std::string(function) +
           " was given a work item that is queued and has not begun to run." +
           (place == nullptr ? "" : " It was queued at " + ke::symbol_of(place) + '.');
}

void queue(PIO_WORKITEM work_item,
           PIO_WORKITEM_ROUTINE routine,
           PIO_WORKITEM_ROUTINE_EX routine_ex,
           PVOID context,
           const char* function,
           const void* place) noexcept {
    ke::require_irql_at_most(DISPATCH_LEVEL, function);
    if (work_item->queued.exchange(true)) {
        ke::broken_rule(owsk::Rule::work_item_queued_twice,
                        still_queued(work_item, function),
                        reinterpret_cast<ULONG_PTR>(work_item));
    }
    if (ex::PoolBlock* const block = ex::intact_block_at(work_item)) {
        ex::note_place(block, place);
    }
    work_item->routine = routine;
    work_item->routine_ex = routine_ex;
    work_item->context = context;
    ob::Object::from_body(work_item->object, function).reference();
    driver_of(work_item->object, function).pin();
    System::current().work_queue.push(&work_item->item);
}

void initialize(PVOID memory, PVOID object) noexcept {
    auto* work_item = new (memory) _IO_WORKITEM{};
    work_item->item.WorkerRoutine = run;
    work_item->item.Parameter = work_item;
    work_item->object = object;
}

void require_not_queued(PIO_WORKITEM work_item, const char* function) noexcept {
    if (work_item->queued.load()) {
        ke::broken_rule(owsk::Rule::work_item_freed_while_queued,
                        still_queued(work_item, function),
                        reinterpret_cast<ULONG_PTR>(work_item));
    }
}

}  // namespace

// IoAllocateWorkItem: a work item for a device (or a driver), or null.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoAllocateWorkItem");
    driver_of(DeviceObject, "IoAllocateWorkItem");
    System& system = System::current();
    if (system.faults().strikes(owsk::Fault::work_item_allocation)) {
        return nullptr;
    }
    void* memory =
        system.pool.allocate(work_item_block, sizeof(_IO_WORKITEM), 0, __builtin_return_address(0));
    if (memory != nullptr) {
        initialize(memory, DeviceObject);
    }
    return static_cast<PIO_WORKITEM>(memory);
}

// IoFreeWorkItem: from the routine itself, or when the item is not queued.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   work-item-freed-while-queued
extern "C" VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem) {
    ke::require_irql_at_most(DISPATCH_LEVEL, "IoFreeWorkItem");
    ex::PoolBlock* const block =
        ex::PoolTracker::require(IoWorkItem, work_item_block, "IoFreeWorkItem");
    require_not_queued(IoWorkItem, "IoFreeWorkItem");
    ex::PoolTracker::free(block, "IoFreeWorkItem", __builtin_return_address(0));
}

// IoSizeofWorkItem: how much storage IoInitializeWorkItem wants.
extern "C" ULONG NTAPI IoSizeofWorkItem(VOID) {
    return sizeof(_IO_WORKITEM);
}

// IoInitializeWorkItem: makes a work item of storage that the driver owns.
extern "C" VOID NTAPI IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem) {
    initialize(IoWorkItem, IoObject);
}

// IoUninitializeWorkItem: the end of such a work item.
//
// Verifier   work-item-freed-while-queued
extern "C" VOID NTAPI IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem) {
    require_not_queued(IoWorkItem, "IoUninitializeWorkItem");
}

// IoQueueWorkItem: the routine runs once, at PASSIVE_LEVEL, on a system worker thread.
//
// IRQL       <= DISPATCH_LEVEL
// Verifier   work-item-queued-twice
extern "C" VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem,
                                      PIO_WORKITEM_ROUTINE WorkerRoutine,
                                      WORK_QUEUE_TYPE QueueType,
                                      PVOID Context) {
    UNREFERENCED_PARAMETER(QueueType);
    queue(IoWorkItem,
          WorkerRoutine,
          nullptr,
          Context,
          "IoQueueWorkItem",
          __builtin_return_address(0));
}

// IoQueueWorkItemEx: the same for a routine that is told its work item, and may free it.
extern "C" VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem,
                                        PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                        WORK_QUEUE_TYPE QueueType,
                                        PVOID Context) {
    UNREFERENCED_PARAMETER(QueueType);
    queue(IoWorkItem,
          nullptr,
          WorkerRoutine,
          Context,
          "IoQueueWorkItemEx",
          __builtin_return_address(0));
}
