// SPDX-License-Identifier: MIT
// Two timers: the pause before the next try, and the time without a shortage that ends it.
#include "net/linux/shortage.h"

#include <utility>

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

constexpr Duration pause_time = 100ms;

// At the limit every connection that ends lets one in, and the next one meets the shortage again:
// that is one shortage and not two.
constexpr Duration calm_time = 2s;

}  // namespace

void Shortage::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
}

void Shortage::meet() noexcept {
    const Instant now = clock_.now();
    processor_->set_timer(pause_, now + pause_time);
    processor_->set_timer(calm_, now + calm_time);
}

void Shortage::end() noexcept {
    // On its own processor a timer that is not set cannot be under way either.
    processor_->cancel_timer(pause_);
    processor_->cancel_timer(calm_);
}

void Shortage::pause_is_over() noexcept {
    if (!std::exchange(announced_, true)) {
        events_->on_accepting_paused();
    }
    again_.run();
}

void Shortage::calm_has_come() noexcept {
    if (std::exchange(announced_, false)) {
        events_->on_accepting_resumed();
    }
}

}  // namespace owsk::net
