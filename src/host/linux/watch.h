// SPDX-License-Identifier: MIT
// Watch: whoever wants to know about the events of one descriptor.
#pragma once

#include <atomic>
#include <cstdint>

namespace owsk::host {

// Lives until a task runs that was posted to the processor after the descriptor had been closed or
// unwatched: by then the batch of events that may still name the watch has been delivered.
class Watch {
  public:
    // On the processor, with a mask of EPOLL constants.
    virtual void on_events(std::uint32_t events) noexcept = 0;

    // Asked for by the processor: what the owner wrote before is visible to on_events().
    void arm() noexcept { armed_.store(true, std::memory_order_release); }
    bool is_armed() const noexcept { return armed_.load(std::memory_order_acquire); }
    // No delivery begins after this call on the processor. When it is called elsewhere, one that
    // has begun may still be under way.
    void retire() noexcept { armed_.store(false, std::memory_order_relaxed); }

  protected:
    Watch() = default;
    ~Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

  private:
    std::atomic<bool> armed_ = false;
};

}  // namespace owsk::host
