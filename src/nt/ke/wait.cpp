// SPDX-License-Identifier: MIT
// How a wait ends: by an object, or by the clock.
#include "nt/ke/wait.h"

#include <string>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/mutant.h"
#include "nt/ke/no_wait.h"
#include "nt/ke/processor.h"
#include "nt/ke/time.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

DISPATCHER_HEADER& object_of(const KWAIT_BLOCK& block) noexcept {
    return *static_cast<DISPATCHER_HEADER*>(block.Object);
}

bool is_signalled_locked(const DISPATCHER_HEADER& object, const ps::Thread& thread) noexcept {
    if (object.Type == MutantObject) {
        return may_own_locked(reinterpret_cast<const KMUTANT&>(object), thread);
    }
    return object.SignalState > 0;
}

// What a successful wait does to the object. STATUS_SUCCESS or STATUS_ABANDONED.
NTSTATUS consume_locked(DISPATCHER_HEADER& object, ps::Thread& thread) noexcept {
    switch (object.Type) {
        case EventSynchronizationObject:
        case TimerSynchronizationObject:
            object.SignalState = 0;
            return STATUS_SUCCESS;
        case SemaphoreObject:
            --object.SignalState;
            return STATUS_SUCCESS;
        case MutantObject:
            return own_locked(reinterpret_cast<KMUTANT&>(object), thread);
        default:
            return STATUS_SUCCESS;
    }
}

bool finish_any_locked(ps::Thread& thread) noexcept {
    ThreadWait& wait = thread.wait;
    for (std::size_t i = 0; i < wait.blocks.size(); ++i) {
        DISPATCHER_HEADER& object = object_of(wait.blocks[i]);
        if (is_signalled_locked(object, thread)) {
            wait.result = consume_locked(object, thread) + static_cast<NTSTATUS>(i);
            return true;
        }
    }
    return false;
}

bool finish_all_locked(ps::Thread& thread) noexcept {
    ThreadWait& wait = thread.wait;
    for (const KWAIT_BLOCK& block : wait.blocks) {
        if (!is_signalled_locked(object_of(block), thread)) {
            return false;
        }
    }
    wait.result = STATUS_SUCCESS;
    for (const KWAIT_BLOCK& block : wait.blocks) {
        if (consume_locked(object_of(block), thread) == STATUS_ABANDONED) {
            wait.result = STATUS_ABANDONED;
        }
    }
    return true;
}

// Ends the thread's wait if its objects allow it, and says so.
bool finish_locked(ps::Thread& thread) noexcept {
    return thread.wait.type == WaitAny ? finish_any_locked(thread) : finish_all_locked(thread);
}

void link_locked(ps::Thread& thread) noexcept {
    for (KWAIT_BLOCK& block : thread.wait.blocks) {
        InsertTailList(&object_of(block).WaitListHead, &block.WaitListEntry);
    }
    thread.wait.over = false;
}

void unlink_locked(ps::Thread& thread) noexcept {
    for (KWAIT_BLOCK& block : thread.wait.blocks) {
        RemoveEntryList(&block.WaitListEntry);
    }
    thread.wait.over = true;
}

std::string name_of(const DISPATCHER_HEADER& object) {
    switch (object.Type) {
        case EventNotificationObject:
        case EventSynchronizationObject:
            return "an event";
        case SemaphoreObject:
            return "a semaphore";
        case TimerNotificationObject:
        case TimerSynchronizationObject:
            return "a timer";
        case ThreadObject:
            return "the end of " +
                   ps::Thread::from(const_cast<DISPATCHER_HEADER*>(&object)).description();
        case MutantObject: {
            const auto& mutant = reinterpret_cast<const KMUTANT&>(object);
            return mutant.OwnerThread == nullptr
                       ? "a mutex"
                       : "a mutex that " + ps::Thread::from(mutant.OwnerThread).description() +
                             " holds";
        }
        default:
            return "an object";
    }
}

// For the report of a thread that sleeps in a wait, when nobody else runs.
std::string what_is_waited_for(const void* thread) {
    const ThreadWait& wait = static_cast<const ps::Thread*>(thread)->wait;
    std::string text;
    for (const KWAIT_BLOCK& block : wait.blocks) {
        text += text.empty() ? "" : wait.type == WaitAny ? " or " : " and ";
        text += name_of(object_of(block));
    }
    return text;
}

void fill_blocks(ps::Thread& thread,
                 std::span<DISPATCHER_HEADER* const> objects,
                 std::span<KWAIT_BLOCK> blocks) noexcept {
    for (std::size_t i = 0; i < objects.size(); ++i) {
        blocks[i] = {};
        blocks[i].Object = objects[i];
        blocks[i].Thread = thread.kthread();
        blocks[i].WaitKey = static_cast<USHORT>(i);
    }
}

}  // namespace

void initialize_header(DISPATCHER_HEADER& object,
                       UCHAR type,
                       std::size_t size,
                       LONG state) noexcept {
    object = {};
    object.Type = type;
    object.Size = static_cast<UCHAR>(size / sizeof(LONG));
    object.SignalState = state;
    InitializeListHead(&object.WaitListHead);
}

void require_initialized(const DISPATCHER_HEADER& object,
                         const char* function,
                         Lock& lock) noexcept OWSK_NO_THREAD_SAFETY_ANALYSIS {
    // An initialised list head points to entries; zeroed memory does not.
    if (object.WaitListHead.Flink == nullptr || object.WaitListHead.Blink == nullptr) {
        lock.unlock();
        broken_rule(Rule::dispatcher_object_not_initialized,
                    std::string(function) + " was given an object that was never initialised.",
                    reinterpret_cast<ULONG_PTR>(&object));
    }
}

void wake_waiters_locked(DISPATCHER_HEADER& object) noexcept {
    LIST_ENTRY* const head = &object.WaitListHead;
    LIST_ENTRY* entry = head->Flink;
    while (object.SignalState > 0 && entry != head) {
        ps::Thread& thread =
            ps::Thread::from(CONTAINING_RECORD(entry, KWAIT_BLOCK, WaitListEntry)->Thread);
        if (!finish_locked(thread)) {
            entry = entry->Flink;
            continue;
        }
        // The thread may have had several entries in this list.
        unlink_locked(thread);
        entry = head->Flink;
        thread.parker().unpark();
    }
}

void detail::refuse_to_wait(const char* function) noexcept {
    broken_rule(Rule::waited_in_callback,
                std::string(function) + " has to wait inside " + routine_that_must_not_wait +
                    ". Such a routine must not wait for other requests at any IRQL: those of the "
                    "same socket complete only after it has returned. Go on in the completion "
                    "routine of the other request, or wait in a thread or work item.");
}

void require_may_wait(const LARGE_INTEGER* timeout, const char* function) noexcept {
    OWSK_ASSERT(holds_no_lock());
    if (timeout != nullptr && timeout->QuadPart == 0) {
        require_irql_at_most(DISPATCH_LEVEL, function);
        return;
    }
    if (current_irql() < DISPATCH_LEVEL && !is_processor_thread()) {
        return;
    }
    const std::string sentence =
        std::string(function) + " was called at IRQL " + std::to_string(current_irql()) +
        " with a timeout other than zero; waiting is allowed only at IRQL < " +
        std::to_string(DISPATCH_LEVEL) + ", never in DPCs and callbacks.";
    if (is_processor_thread()) {
        broken_rule(Rule::waited_in_dpc,
                    {.parameters = {reinterpret_cast<ULONG_PTR>(ps::current_thread().kthread()),
                                    current_irql(),
                                    0,
                                    0},
                     .sentence = sentence});
    }
    broken_rule(Rule::waited_at_dispatch_level,
                {.parameters = {0, current_irql(), APC_LEVEL, 0}, .sentence = sentence});
}

NTSTATUS wait_for(std::span<DISPATCHER_HEADER* const> objects,
                  WAIT_TYPE type,
                  std::span<KWAIT_BLOCK> blocks,
                  const LARGE_INTEGER* timeout,
                  const char* function,
                  host::Sleep::For purpose) noexcept {
    System& system = System::current();
    ps::Thread& thread = ps::current_thread();
    Lock lock(system.dispatcher.mu);
    for (const DISPATCHER_HEADER* object : objects) {
        require_initialized(*object, function, lock);
    }
    fill_blocks(thread, objects, blocks);
    thread.wait = {.blocks = blocks, .type = type};
    if (finish_locked(thread)) {
        return thread.wait.result;
    }
    if (timeout != nullptr && timeout->QuadPart == 0) {
        return STATUS_TIMEOUT;
    }
    if (must_not_wait()) {
        lock.unlock();
        detail::refuse_to_wait(function);
    }
    std::optional<Instant> deadline;
    if (timeout != nullptr) {
        deadline = instant_of(system.host().clock(), timeout->QuadPart);
    }
    const host::Sleep sleep = {purpose, function, what_is_waited_for, &thread};
    link_locked(thread);
    for (;;) {
        lock.unlock();
        const bool in_time = thread.parker().park(deadline, sleep);
        lock.lock();
        if (thread.wait.over) {
            return thread.wait.result;
        }
        // A token without an end of the wait is left over from an earlier wait.
        if (!in_time) {
            unlink_locked(thread);
            return STATUS_TIMEOUT;
        }
    }
}

NTSTATUS wait_for_one(DISPATCHER_HEADER& object,
                      const LARGE_INTEGER* timeout,
                      const char* function,
                      host::Sleep::For purpose) noexcept {
    DISPATCHER_HEADER* const objects[] = {&object};
    KWAIT_BLOCK blocks[1];
    return wait_for(objects, WaitAny, blocks, timeout, function, purpose);
}

}  // namespace owsk::nt::ke
