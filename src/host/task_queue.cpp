// SPDX-License-Identifier: MIT
// The links live in the tasks, so that posting never allocates.
#include "host/task_queue.h"

namespace owsk::host {

void TaskQueue::push(Task& task) noexcept {
    if (task.queued_) {
        return;
    }
    task.queued_ = true;
    task.next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = &task;
    last_ = &task;
    ++size_;
}

Task* TaskQueue::pop() noexcept {
    Task* const task = first_;
    if (task == nullptr) {
        return nullptr;
    }
    first_ = task->next_;
    if (first_ == nullptr) {
        last_ = nullptr;
    }
    --size_;
    task->queued_ = false;
    return task;
}

}  // namespace owsk::host
