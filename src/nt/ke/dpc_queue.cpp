// SPDX-License-Identifier: MIT
// How a processor runs its DPCs.
#include "nt/ke/dpc_queue.h"

#include <string>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/stack.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

// A DPC that always queues itself again must not keep transport events waiting.
constexpr unsigned calls_per_turn_max = 64;

}  // namespace

DpcQueue::DpcQueue(host::Processor& processor, Mutex& mu) noexcept
    : processor_(processor), mu_(mu) {
    InitializeListHead(&dpcs_);
}

bool DpcQueue::insert_locked(KDPC& dpc, PVOID argument1, PVOID argument2) noexcept {
    if (dpc.DpcData != nullptr) {
        return false;
    }
    dpc.DpcData = this;
    dpc.SystemArgument1 = argument1;
    dpc.SystemArgument2 = argument2;
    if (dpc.Importance == HighImportance) {
        InsertHeadList(&dpcs_, &dpc.DpcListEntry);
    } else {
        InsertTailList(&dpcs_, &dpc.DpcListEntry);
    }
    processor_.post(*this);
    return true;
}

bool DpcQueue::remove_locked(KDPC& dpc) noexcept {
    if (dpc.DpcData == nullptr) {
        return false;
    }
    dpc.DpcData = nullptr;
    RemoveEntryList(&dpc.DpcListEntry);
    return true;
}

std::optional<DpcQueue::Call> DpcQueue::pop() noexcept {
    const Lock lock(mu_);
    if (IsListEmpty(&dpcs_)) {
        return std::nullopt;
    }
    KDPC& dpc = *CONTAINING_RECORD(dpcs_.Flink, KDPC, DpcListEntry);
    remove_locked(dpc);
    return Call{.dpc = &dpc,
                .routine = dpc.DeferredRoutine,
                .context = dpc.DeferredContext,
                .argument1 = dpc.SystemArgument1,
                .argument2 = dpc.SystemArgument2};
}

void DpcQueue::run() noexcept {
    for (unsigned calls = 0; calls < calls_per_turn_max; ++calls) {
        const std::optional<Call> call = pop();
        if (!call) {
            return;
        }
        OWSK_ASSERT(holds_no_lock());
        // The routine may free the KDPC.
        call->routine(call->dpc, call->context, call->argument1, call->argument2);
        if (current_irql() != DISPATCH_LEVEL) {
            broken_rule(Rule::irql_changed_by_dpc,
                        "The DPC routine " +
                            symbol_of(reinterpret_cast<const void*>(call->routine)) +
                            " returned at IRQL " + std::to_string(current_irql()) + '.',
                        reinterpret_cast<ULONG_PTR>(call->routine));
        }
    }
    processor_.post(*this);
}

bool queue_dpc_locked(KDPC& dpc, PVOID argument1, PVOID argument2) noexcept {
    const unsigned target = dpc.Number != 0 ? dpc.Number - 1U : current_processor();
    return System::current().dispatcher.dpc_queue(target).insert_locked(dpc, argument1, argument2);
}

}  // namespace owsk::nt::ke
