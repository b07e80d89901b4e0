// SPDX-License-Identifier: MIT
// A futex of its own for each thread: a condition variable takes twice the time to hand over.
#include "host/sim/real_thread.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace owsk::host {

void Baton::give() noexcept {
    if (state_.exchange(here, std::memory_order_acq_rel) == awaited) {
        ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
}

void Baton::take() noexcept {
    static_assert(sizeof state_ == sizeof(std::uint32_t));
    std::uint32_t seen = away;
    state_.compare_exchange_strong(seen, awaited, std::memory_order_acq_rel);
    while (state_.load(std::memory_order_acquire) != here) {
        ::syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, awaited, nullptr, nullptr, 0);
    }
    state_.store(away, std::memory_order_relaxed);
}

bool RealThread::start(std::function<void()> body, const Stack& stack) {
    using Body = std::function<void()>;
    auto own = std::make_unique<Body>(std::move(body));
    pthread_attr_t attributes;
    if (::pthread_attr_init(&attributes) != 0) {
        return false;
    }
    if (stack.lowest != nullptr) {
        ::pthread_attr_setstack(&attributes, stack.lowest, stack.size);
    }
    void* (*const entry)(void*) = [](void* argument) noexcept -> void* {
        const std::unique_ptr<Body> mine(static_cast<Body*>(argument));
        (*mine)();
        return nullptr;
    };
    running_ = ::pthread_create(&thread_, &attributes, entry, own.get()) == 0;
    ::pthread_attr_destroy(&attributes);
    if (running_) {
        // The thread deletes it.
        own.release();
    }
    return running_;
}

void RealThread::join() noexcept {
    ::pthread_join(thread_, nullptr);
    running_ = false;
}

void name_real_thread(const std::string& name) noexcept {
    constexpr std::size_t shown_length = 15;
    char shown[shown_length + 1] = {};
    name.copy(shown, shown_length);
    ::pthread_setname_np(::pthread_self(), shown);
}

}  // namespace owsk::host
