// SPDX-License-Identifier: MIT
// WorkQueue: the system worker threads of a machine, which run work items at PASSIVE_LEVEL.
#pragma once

#include <wdm.h>

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "host/host.h"

namespace owsk::nt {
class System;
}

namespace owsk::nt::ex {

class WorkQueue {
  public:
    explicit WorkQueue(System& system) noexcept;
    // Precondition: stopped, if it was started.
    ~WorkQueue();
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    void start();
    // Runs what is queued, and what that queues, then ends the threads.
    void stop() noexcept;

    // From any thread, at any IRQL up to DISPATCH_LEVEL. The item belongs to the queue until its
    // routine is called; the routine may free it. An item that is queued already is a bug check.
    void push(PWORK_QUEUE_ITEM item) noexcept;

    unsigned worker_count() const noexcept;

    static constexpr unsigned workers_min = 2;
    static constexpr unsigned workers_max = 16;

  private:
    struct Worker;

    void add_worker() noexcept;
    void serve(Worker& worker) noexcept;
    PWORK_QUEUE_ITEM take(Worker& worker) noexcept;
    bool needs_worker_locked() const noexcept OWSK_REQUIRES(mu_);

    System& system_;
    mutable Mutex mu_{Rank::executive};
    LIST_ENTRY items_ OWSK_GUARDED_BY(mu_);
    unsigned waiting_ OWSK_GUARDED_BY(mu_) = 0;
    bool stopping_ OWSK_GUARDED_BY(mu_) = false;
    std::vector<std::unique_ptr<Worker>> workers_ OWSK_GUARDED_BY(mu_);
    std::vector<Worker*> idle_ OWSK_GUARDED_BY(mu_);
    unsigned starting_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::nt::ex
