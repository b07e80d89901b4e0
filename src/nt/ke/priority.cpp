// SPDX-License-Identifier: MIT
// Thread priorities: remembered, and without effect. Linux lets no ordinary process raise them.
#include "nt/ps/thread.h"

using namespace owsk::nt;

namespace {

constexpr KPRIORITY normal = 8;

}  // namespace

// KeSetPriorityThread: set the priority, and return the one before.
//
// IRQL       PASSIVE_LEVEL
extern "C" KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority) {
    return ps::Thread::from(Thread).priority.exchange(Priority);
}

// KeQueryPriorityThread: the priority.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread) {
    return ps::Thread::from(Thread).priority;
}

// KeSetBasePriorityThread: set the priority relative to the process's, and return the one before.
//
// IRQL       PASSIVE_LEVEL
extern "C" LONG NTAPI KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment) {
    return ps::Thread::from(Thread).priority.exchange(normal + Increment) - normal;
}
