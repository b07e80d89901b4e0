// SPDX-License-Identifier: MIT
// DpcQueue: the DPCs that wait for one processor.
#pragma once

#include <wdm.h>

#include <optional>

#include "base/mutex.h"
#include "host/host.h"

namespace owsk::nt::ke {

class DpcQueue final : private host::Task {
  public:
    // `mu` is the dispatcher lock, which callers know by another name than mu_; hence no
    // annotations.
    DpcQueue(host::Processor& processor, Mutex& mu) noexcept;
    DpcQueue(const DpcQueue&) = delete;
    DpcQueue& operator=(const DpcQueue&) = delete;

    // False if the DPC is queued already, here or for another processor.
    bool insert_locked(KDPC& dpc, PVOID argument1, PVOID argument2) noexcept;
    // False if the DPC is in no queue. It may be running all the same.
    static bool remove_locked(KDPC& dpc) noexcept;

  private:
    struct Call {
        KDPC* dpc;
        PKDEFERRED_ROUTINE routine;
        PVOID context;
        PVOID argument1;
        PVOID argument2;
    };

    void run() noexcept override;
    std::optional<Call> pop() noexcept;

    host::Processor& processor_;
    Mutex& mu_;
    LIST_ENTRY dpcs_;
};

// Queues the DPC for its target processor, or else for the calling one.
bool queue_dpc_locked(KDPC& dpc, PVOID argument1, PVOID argument2) noexcept;

}  // namespace owsk::nt::ke
