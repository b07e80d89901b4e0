// SPDX-License-Identifier: MIT
// The life of a system thread, from start to join.
#include "nt/ps/thread_table.h"

#include <utility>

#include "nt/ke/bug_check.h"
#include "nt/ke/stack.h"
#include "nt/ps/system_thread.h"
#include "nt/system.h"

namespace owsk::nt::ps {

ThreadTable::~ThreadTable() {
    join_ended();
    std::string running;
    {
        const Lock lock(mu_);
        if (!running_.empty()) {
            running = running_.begin()->second.thread->description();
        }
    }
    if (!running.empty()) {
        ke::broken_rule(
            Rule::system_thread_outlived_machine,
            {.sentence = "The machine is gone, but " + running +
                         " is still running; DriverUnload must wait for the driver's threads.",
             .machine = &system_});
    }
}

std::uintptr_t ThreadTable::next_id() noexcept {
    const Lock lock(mu_);
    return last_id_ += 4;
}

ThreadRef ThreadTable::create(PKSTART_ROUTINE routine) {
    return ob::make_object<Thread>(
        system_.host(), next_id(), ke::symbol_of(reinterpret_cast<const void*>(routine)));
}

bool ThreadTable::start(const ThreadRef& thread, PKSTART_ROUTINE routine, PVOID context) {
    join_ended();
    // The new thread cannot end before it is in the table, since it needs the lock for that.
    const Lock lock(mu_);
    Running& running = running_[thread->id()];
    running.thread = thread;
    running.host_thread = system_.host().start_thread(
        "system " + std::to_string(reinterpret_cast<std::uintptr_t>(thread->id())),
        [this, thread, routine, context] { run(thread, routine, context); });
    if (running.host_thread == nullptr) {
        running_.erase(thread->id());
        return false;
    }
    return true;
}

void ThreadTable::run(ThreadRef thread, PKSTART_ROUTINE routine, PVOID context) noexcept {
    Thread& self = *thread;
    const ThreadScope scope(system_, std::move(thread));
    call_thread_routine(self, routine, context);
    // Before the scope signals the thread: what a driver has waited for is not a leak.
    move_to_ended(self);
}

void ThreadTable::move_to_ended(Thread& thread) noexcept {
    Running running;
    {
        const Lock lock(mu_);
        const auto at = running_.find(thread.id());
        OWSK_ASSERT(at != running_.end());
        running = std::move(at->second);
        running_.erase(at);
        ended_.push_back(std::move(running.host_thread));
    }
}

void ThreadTable::join_ended() noexcept {
    std::vector<std::unique_ptr<host::Thread>> ended;
    {
        const Lock lock(mu_);
        ended.swap(ended_);
    }
    for (const std::unique_ptr<host::Thread>& thread : ended) {
        thread->join();
    }
}

std::uint64_t ThreadTable::report_leaks(probe::Probes& probes) {
    std::vector<ThreadRef> left;
    {
        const Lock lock(mu_);
        for (const auto& [id, running] : running_) {
            left.push_back(running.thread);
        }
    }
    for (const ThreadRef& thread : left) {
        probes.leak({.kind = "thread", .description = thread->description() + " still runs"});
    }
    return left.size();
}

}  // namespace owsk::nt::ps
