// SPDX-License-Identifier: MIT
// Who sleeps in the list of a dispatcher object.
#pragma once

#include <wdm.h>

#include "base/mutex.h"
#include "nt/system.h"

namespace owsk::nt {

// Waits until so many waits are in the list.
inline void wait_for_waiters(DISPATCHER_HEADER& object, int count) {
    const auto waiting = [&] {
        const Lock lock(System::current().dispatcher.mu);
        int found = 0;
        for (LIST_ENTRY* entry = object.WaitListHead.Flink; entry != &object.WaitListHead;
             entry = entry->Flink) {
            ++found;
        }
        return found;
    };
    LARGE_INTEGER moment;
    moment.QuadPart = -1'000;
    while (waiting() < count) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
}

}  // namespace owsk::nt
