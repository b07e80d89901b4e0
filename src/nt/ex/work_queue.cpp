// SPDX-License-Identifier: MIT
// How worker threads sleep, wake, multiply and end.
#include "nt/ex/work_queue.h"

#include <utility>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/system.h"

namespace owsk::nt::ex {

struct WorkQueue::Worker {
    std::unique_ptr<host::Parker> parker;
    std::unique_ptr<host::Thread> thread;
};

namespace {

void run_item(PWORK_QUEUE_ITEM item) noexcept {
    // The routine may free the item.
    const PWORKER_THREAD_ROUTINE routine = item->WorkerRoutine;
    const PVOID parameter = item->Parameter;
    OWSK_ASSERT(holds_no_lock());
    routine(parameter);
    const KIRQL irql = ke::current_irql();
    if (irql != PASSIVE_LEVEL) {
        ke::broken_rule(Rule::irql_changed_by_work_item,
                        {.parameters = {reinterpret_cast<ULONG_PTR>(routine),
                                        irql,
                                        reinterpret_cast<ULONG_PTR>(parameter),
                                        reinterpret_cast<ULONG_PTR>(item)},
                         .sentence = "The work item routine " +
                                     ke::symbol_of(reinterpret_cast<const void*>(routine)) +
                                     " returned at IRQL " + std::to_string(irql) +
                                     "; it was called at PASSIVE_LEVEL."});
    }
}

}  // namespace

WorkQueue::WorkQueue(System& system) noexcept : system_(system) {
    InitializeListHead(&items_);
}

WorkQueue::~WorkQueue() {
    OWSK_ASSERT(workers_.empty());
}

void WorkQueue::start() {
    for (unsigned i = 0; i < workers_min; ++i) {
        add_worker();
    }
}

void WorkQueue::stop() noexcept {
    {
        const Lock lock(mu_);
        stopping_ = true;
        for (Worker* worker : std::exchange(idle_, {})) {
            worker->parker->unpark();
        }
    }
    // A worker that is still busy may add workers, so the list is read anew each time.
    for (;;) {
        std::unique_ptr<Worker> worker;
        {
            const Lock lock(mu_);
            if (workers_.empty()) {
                break;
            }
            worker = std::move(workers_.back());
            workers_.pop_back();
        }
        worker->thread->join();
    }
    const Lock lock(mu_);
    OWSK_ASSERT(waiting_ == 0 && starting_ == 0);
    idle_.clear();
    stopping_ = false;
}

void WorkQueue::push(PWORK_QUEUE_ITEM item) noexcept {
    if (item->List.Flink != nullptr) {
        ke::broken_rule(Rule::work_item_queued_twice,
                        "A work item was queued that is already queued, or that "
                        "ExInitializeWorkItem has not initialised.",
                        reinterpret_cast<ULONG_PTR>(item));
    }
    bool grow = false;
    {
        const Lock lock(mu_);
        InsertTailList(&items_, &item->List);
        ++waiting_;
        if (!idle_.empty()) {
            idle_.back()->parker->unpark();
            idle_.pop_back();
        } else if (needs_worker_locked()) {
            ++starting_;
            grow = true;
        }
    }
    if (grow) {
        add_worker();
        const Lock lock(mu_);
        --starting_;
    }
}

unsigned WorkQueue::worker_count() const noexcept {
    const Lock lock(mu_);
    return static_cast<unsigned>(workers_.size());
}

// All workers may be waiting for what a queued item does, so work never waits while there may be
// one more worker.
bool WorkQueue::needs_worker_locked() const noexcept {
    return !workers_.empty() && workers_.size() + starting_ < workers_max;
}

void WorkQueue::add_worker() noexcept {
    auto owner = std::make_unique<Worker>();
    Worker& worker = *owner;
    worker.parker = system_.host().new_parker();
    worker.thread = system_.host().start_thread("worker", [this, &worker] { serve(worker); });
    if (worker.thread == nullptr) {
        // The others will come to it.
        return;
    }
    const Lock lock(mu_);
    workers_.push_back(std::move(owner));
}

void WorkQueue::serve(Worker& worker) noexcept {
    const ThreadScope scope(system_);
    while (PWORK_QUEUE_ITEM item = take(worker)) {
        run_item(item);
    }
}

// Null when the queue has stopped and nothing is left to do.
PWORK_QUEUE_ITEM WorkQueue::take(Worker& worker) noexcept {
    for (;;) {
        {
            const Lock lock(mu_);
            if (!IsListEmpty(&items_)) {
                --waiting_;
                PWORK_QUEUE_ITEM item =
                    CONTAINING_RECORD(RemoveHeadList(&items_), WORK_QUEUE_ITEM, List);
                item->List.Flink = nullptr;
                return item;
            }
            if (stopping_) {
                return nullptr;
            }
            idle_.push_back(&worker);
        }
        worker.parker->park(std::nullopt, {host::Sleep::For::work, "work items"});
    }
}

}  // namespace owsk::nt::ex
