// SPDX-License-Identifier: MIT
// The gate is posted to under the lock: it cannot be closed and freed in between.
#include "net/linux/gate/accepted/verdict_box.h"

#include <utility>

namespace owsk::net {

void VerdictBox::open(host::Processor& processor, host::Task& turn) noexcept {
    const Lock lock(mutex_);
    processor_ = &processor;
    turn_ = &turn;
}

void VerdictBox::close() noexcept {
    const Lock lock(mutex_);
    processor_ = nullptr;
    turn_ = nullptr;
    // Attempts and box hold each other; the gate lists the attempts until its end.
    verdicts_.clear();
}

void VerdictBox::put(std::shared_ptr<ConnectedAttempt> attempt) noexcept {
    const Lock lock(mutex_);
    if (turn_ != nullptr) {
        verdicts_.push_back(std::move(attempt));
        processor_->post(*turn_);
    }
}

void VerdictBox::take(Verdicts& taken) noexcept {
    const Lock lock(mutex_);
    verdicts_.swap(taken);
}

void VerdictBox::call_turn() noexcept {
    const Lock lock(mutex_);
    if (turn_ != nullptr) {
        processor_->post(*turn_);
    }
}

}  // namespace owsk::net
