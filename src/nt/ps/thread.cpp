// SPDX-License-Identifier: MIT
// Thread objects, and which of them is the calling thread's.
#include "nt/ps/thread.h"

#include <utility>

#include "nt/ke/mutant.h"
#include "nt/system.h"

namespace owsk::nt::ps {

namespace {

constinit thread_local Thread* current = nullptr;

}  // namespace

Thread::Thread(host::Host& host, std::uintptr_t id, std::string name)
    : Object(ob::thread_type), id_(id), name_(std::move(name)), parker_(host.new_parker()) {
    OWSK_ASSERT(body() == &header);
    ke::initialize_header(header, ThreadObject, sizeof header, 0);
    InitializeListHead(&mutants);
}

Thread& Thread::from(void* kthread) noexcept {
    return static_cast<Thread&>(Object::from_body(kthread, "a thread function"));
}

PKTHREAD Thread::kthread() const noexcept {
    return reinterpret_cast<PKTHREAD>(const_cast<DISPATCHER_HEADER*>(&header));
}

PETHREAD Thread::ethread() const noexcept {
    return reinterpret_cast<PETHREAD>(const_cast<DISPATCHER_HEADER*>(&header));
}

std::string Thread::description() const {
    return "thread " + std::to_string(id_) + " (" + name_ + ')';
}

Thread& current_thread() noexcept {
    if (current == nullptr) {
        // Ends the process with a message that says what is missing.
        System::current();
    }
    OWSK_ASSERT(current != nullptr);
    return *current;
}

Thread* current_thread_or_null() noexcept {
    return current;
}
void set_current_thread(Thread* thread) noexcept {
    current = thread;
}

void end_thread(Thread& thread, NTSTATUS exit_status) noexcept {
    ke::abandon_mutants(thread);
    const Lock lock(System::current().dispatcher.mu);
    thread.exit_status = exit_status;
    thread.header.SignalState = 1;
    ke::wake_waiters_locked(thread.header);
}

}  // namespace owsk::nt::ps

using namespace owsk::nt;

// PsGetCurrentThread: the thread object of the calling thread.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PETHREAD NTAPI PsGetCurrentThread(VOID) {
    return ps::current_thread().ethread();
}

// KeGetCurrentThread: the same object by its other type.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" PKTHREAD NTAPI KeGetCurrentThread(VOID) {
    return ps::current_thread().kthread();
}

// PsGetCurrentThreadId: the number of the calling thread.
//
// IRQL       any
extern "C" HANDLE NTAPI PsGetCurrentThreadId(VOID) {
    return ps::current_thread().id();
}

// PsGetThreadId: the number of a thread.
//
// IRQL       any
extern "C" HANDLE NTAPI PsGetThreadId(PETHREAD Thread) {
    return ps::Thread::from(Thread).id();
}
