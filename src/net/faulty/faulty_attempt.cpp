// SPDX-License-Identifier: MIT
// When an attempt goes away: before anybody has decided, or right after it was accepted.
#include "net/faulty/faulty_attempt.h"

#include <utility>

namespace owsk::net {

void FaultyAttempt::accept() noexcept {
    if (!life_.accept()) {
        return;
    }
    if (faults_.strikes(Fault::drop_accepted) && life_.abort()) {
        inner_->reject();
        tell_.post();
        return;
    }
    inner_->accept();
}

void FaultyAttempt::reject() noexcept {
    if (life_.reject()) {
        inner_->reject();
        owner_.on_rejected(*this);
    }
}

bool FaultyAttempt::leave() noexcept {
    if (!life_.abort_held()) {
        return false;
    }
    inner_->reject();
    return true;
}

void FaultyAttempt::look_later() noexcept {
    look_.post();
}

void FaultyAttempt::look() noexcept {
    if (life_.is_held() && faults_.strikes(Fault::drop_pended) && leave()) {
        tell_owner();
    }
}

void FaultyAttempt::tell_owner() noexcept {
    owner_.on_dropped(*this);
}

void FaultyAttempt::Later::post() noexcept {
    kept_ = attempt_.shared_from_this();
    attempt_.processor_.post(*this);
}

void FaultyAttempt::Later::run() noexcept {
    const std::shared_ptr<FaultyAttempt> kept = std::move(kept_);
    (attempt_.*what_)();
}

}  // namespace owsk::net
