// SPDX-License-Identifier: MIT
// TaskQueue: the posted tasks of one processor, in order. Its user locks.
#pragma once

#include <cstddef>

#include "host/host.h"

namespace owsk::host {

class TaskQueue {
  public:
    // A task that is queued already keeps its place.
    void push(Task& task) noexcept;
    // The oldest task, or null.
    const Task* front() const noexcept { return first_; }
    Task* front() noexcept { return first_; }
    // The same, taken out; it may be pushed again from now on.
    Task* pop() noexcept;

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

  private:
    Task* first_ = nullptr;
    Task* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace owsk::host
