// SPDX-License-Identifier: MIT
// Thread: a thread of a machine, and what a driver's PKTHREAD and PETHREAD point into.
#pragma once

#include <wdm.h>

#include <atomic>
#include <memory>
#include <string>

#include "host/host.h"
#include "nt/ke/wait.h"
#include "nt/ob/object.h"

namespace owsk::nt::ps {

class Thread final : public ob::Object {
  public:
    // `name` says what it runs, for reports.
    Thread(host::Host& host, std::uintptr_t id, std::string name);

    // The object behind a driver's PKTHREAD or PETHREAD.
    static Thread& from(void* kthread) noexcept;

    // The dispatcher header is the first thing in the body: a driver may wait for a thread.
    DISPATCHER_HEADER header;

    PKTHREAD kthread() const noexcept {
        return reinterpret_cast<PKTHREAD>(const_cast<DISPATCHER_HEADER*>(&header));
    }
    PETHREAD ethread() const noexcept;
    HANDLE id() const noexcept { return reinterpret_cast<HANDLE>(id_); }
    host::Parker& parker() noexcept { return *parker_; }

    DISPATCHER_HEADER* waitable() noexcept override { return &header; }
    std::string description() const override;

    // Guarded by the dispatcher lock.
    ke::ThreadWait wait;
    LIST_ENTRY mutants;

    // Changed only by the thread itself.
    int kernel_apc_disable = 0;  // critical regions and kernel mutexes
    NTSTATUS exit_status = STATUS_PENDING;

    // Decides nothing here.
    std::atomic<KPRIORITY> priority = 8;

  private:
    ~Thread() override = default;

    const std::uintptr_t id_;
    const std::string name_;
    const std::unique_ptr<host::Parker> parker_;
};

using ThreadRef = ob::Ref<Thread>;

namespace detail {
inline constinit thread_local Thread* current_thread = nullptr;
[[noreturn]] void refuse_foreign_thread() noexcept;
}  // namespace detail

inline Thread* current_thread_or_null() noexcept {
    return detail::current_thread;
}
inline void set_current_thread(Thread* thread) noexcept {
    detail::current_thread = thread;
}
// The thread object of the calling thread. Precondition: it belongs to a machine.
inline Thread& current_thread() noexcept {
    if (detail::current_thread == nullptr) {
        detail::refuse_foreign_thread();
    }
    return *detail::current_thread;
}

// The thread is over: its mutants are abandoned, and whoever waits for it goes on.
void end_thread(Thread& thread, NTSTATUS exit_status) noexcept;

}  // namespace owsk::nt::ps
