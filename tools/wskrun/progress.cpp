// SPDX-License-Identifier: MIT
// What is waited for, kept for the thread that takes the signals.
#include "progress.h"

#include <utility>

namespace wskrun {

void Progress::now_waiting_for(std::string what) {
    const std::lock_guard guard(mutex_);
    waiting_for_ = std::move(what);
    detail_.clear();
}

std::string Progress::waiting_for() const {
    const std::lock_guard guard(mutex_);
    return detail_.empty() ? waiting_for_ : waiting_for_ + " (" + detail_ + ')';
}

void Progress::unload_waits(const owsk::probe::UnloadWaits& record) noexcept {
    const std::lock_guard guard(mutex_);
    detail_ = std::string(record.waiting_for);
}

}  // namespace wskrun
