// SPDX-License-Identifier: MIT
// Waits: threads on one side, dispatcher objects on the other. Everything here that ends in _locked
// needs the dispatcher lock of the calling thread's machine.
#pragma once

#include <wdm.h>

#include <span>

#include "base/mutex.h"
#include "host/host.h"

namespace owsk::nt::ke {

// What a thread waits for; a member of its thread object, guarded by the dispatcher lock.
struct ThreadWait {
    std::span<KWAIT_BLOCK> blocks;
    WAIT_TYPE type = WaitAny;
    bool over = true;
    NTSTATUS result = STATUS_SUCCESS;
};

void initialize_header(DISPATCHER_HEADER& object,
                       UCHAR type,
                       std::size_t size,
                       LONG state) noexcept;

// A bug check, without the lock, if the memory was never made a dispatcher object. `lock` is the
// dispatcher lock: other threads may be queueing themselves at the object.
void require_initialized(const DISPATCHER_HEADER& object,
                         const char* function,
                         Lock& lock) noexcept;

// Lets go the threads whose wait the object ends, in the order in which they came. Called after
// SignalState was raised; the object is not touched after the last of them.
void wake_waiters_locked(DISPATCHER_HEADER& object) noexcept;

// A bug check, unless the calling thread may wait; null means no timeout.
void require_may_wait(const LARGE_INTEGER* timeout, const char* function) noexcept;

// The wait itself. `blocks` has as many elements as `objects`, and lives as long as the call.
NTSTATUS wait_for(std::span<DISPATCHER_HEADER* const> objects,
                  WAIT_TYPE type,
                  std::span<KWAIT_BLOCK> blocks,
                  const LARGE_INTEGER* timeout,
                  const char* function,
                  host::Sleep::For purpose = host::Sleep::For::something) noexcept;

// KeWaitForSingleObject without the check of the IRQL.
NTSTATUS wait_for_one(DISPATCHER_HEADER& object,
                      const LARGE_INTEGER* timeout,
                      const char* function = "a wait",
                      host::Sleep::For purpose = host::Sleep::For::something) noexcept;

}  // namespace owsk::nt::ke
