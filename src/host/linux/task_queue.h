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
    // The oldest task, which may be pushed again from now on, or null.
    Task* pop() noexcept;

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

  private:
    Task* first_ = nullptr;
    Task* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace owsk::host
