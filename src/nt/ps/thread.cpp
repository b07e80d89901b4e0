// SPDX-License-Identifier: MIT
// Thread objects, and which of them is the calling thread's.
#include "nt/ps/thread.h"

#include <utility>

#include "nt/ke/mutant.h"
#include "nt/system.h"

namespace owsk::nt::ps {

Thread::Thread(host::Host& host, std::uintptr_t id, std::string name)
    : Object(ob::thread_type), id_(id), name_(std::move(name)), parker_(host.new_parker()) {
    OWSK_ASSERT(body() == &header);
    ke::initialize_header(header, ThreadObject, sizeof header, 0);
    InitializeListHead(&mutants);
}

Thread& Thread::from(void* kthread) noexcept {
    return static_cast<Thread&>(Object::from_body(kthread, "a thread function"));
}

PETHREAD Thread::ethread() const noexcept {
    return reinterpret_cast<PETHREAD>(const_cast<DISPATCHER_HEADER*>(&header));
}

std::string Thread::description() const {
    return "thread " + std::to_string(id_) + " (" + name_ + ')';
}

void detail::refuse_foreign_thread() noexcept {
    System::current();  // ends the process with a message that says what is missing
    assertion_failed("a thread of a machine has an object", __FILE__, __LINE__);
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
