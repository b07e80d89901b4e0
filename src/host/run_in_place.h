// SPDX-License-Identifier: MIT
// run_in_place: how a thread acts for a processor that sleeps, the same on Linux and in a
// simulation. docs/architecture.md ("Who is on a processor") draws it.
#pragma once

#include "host/host.h"
#include "host/work_queues.h"

namespace owsk::host {

// A thread that acts as a processor runs this many tasks at most; it has its own work to do.
inline constexpr int tasks_in_place_max = 64;

// If nobody is on the processor, the calling thread acts as it for as long as it takes to run
// `work`, and what that posts as far as it may run in place. Otherwise false.
//
// A `Looped` has try_enter(), leave() and wake_up(); Acting, an object that makes the calling
// thread the processor while it lives; and with_queues(), which calls with its WorkQueues, locked.
template <typename Looped>
bool run_in_place(Looped& processor, Task& work) noexcept {
    if (!processor.try_enter()) {
        return false;
    }
    {
        const typename Looped::Acting acting(processor);
        processor.with_queues([](WorkQueues& queues) { queues.begin_acting(); });
        work.run();
        for (int left = tasks_in_place_max; left > 0; --left) {
            Task* const task = processor.with_queues(
                [](WorkQueues& queues) { return queues.take_task_in_place(); });
            if (task == nullptr) {
                break;
            }
            task->run();
        }
        if (processor.with_queues([](WorkQueues& queues) { return queues.end_acting(); })) {
            processor.wake_up();
        }
    }
    processor.leave();
    return true;
}

}  // namespace owsk::host
