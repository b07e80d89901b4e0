// SPDX-License-Identifier: MIT
// Every packet that comes to the host pays for the look, so that it ends when nobody needs it.
#include "net/linux/gate/syn/arrival_watch.h"

#include <sys/epoll.h>

#include <utility>

#include "net/linux/gate/syn/syn_service.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Those who look after held attempts come round several times meanwhile.
constexpr Duration wanted_for = 2s;

}  // namespace

void ArrivalWatch::want() noexcept {
    wanted_until_.store(clock_.now() + wanted_for, std::memory_order_relaxed);
    if (!is_asked_for_.exchange(true)) {
        loop_.post(open_);
    }
}

void ArrivalWatch::open() noexcept {
    Result<Arrivals> opened = Arrivals::open();
    if (!opened) {
        // Whoever wants it again tries again.
        is_asked_for_.store(false);
        return;
    }
    arrivals_ = std::move(*opened);
    for (const host::UniqueFd& fd : arrivals_->fds()) {
        if (loop_.watch(fd.get(), EPOLLIN, *this) != 0) {
            arrivals_.reset();
            is_asked_for_.store(false);
            return;
        }
    }
    loop_.set_timer(end_due_, wanted_until_.load(std::memory_order_relaxed));
}

void ArrivalWatch::on_events(std::uint32_t) noexcept {
    if (arrivals_) {
        arrivals_->fetch([this](const Segment& segment) { service_.tell_arrival(segment); });
    }
}

void ArrivalWatch::end_if_unwanted() noexcept {
    const Instant wanted_until = wanted_until_.load(std::memory_order_relaxed);
    if (clock_.now() < wanted_until) {
        loop_.set_timer(end_due_, wanted_until);
        return;
    }
    for (const host::UniqueFd& fd : arrivals_->fds()) {
        loop_.unwatch(fd.get(), *this);
    }
    arrivals_.reset();
    is_asked_for_.store(false);
}

}  // namespace owsk::net
