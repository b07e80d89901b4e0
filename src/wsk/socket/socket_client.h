// SPDX-License-Identifier: MIT
// SocketClient: for whom a socket was made, as the socket sees it: a registration.
#pragma once

#include <wdm.h>

#include <atomic>

#include "wsk/services.h"

namespace owsk::wsk {

class SocketClient {
  public:
    Services& services() const noexcept { return services_; }
    // Events that are on for every socket from its creation.
    ULONG static_events() const noexcept { return static_events_.load(std::memory_order_relaxed); }

    // The registration lasts as long as a socket is open.
    virtual void socket_opened() noexcept = 0;
    virtual void socket_closed() noexcept = 0;

  protected:
    explicit SocketClient(Services& services) noexcept : services_(services) {}
    ~SocketClient() = default;

    void keep_static_events(ULONG mask) noexcept {
        static_events_.store(mask, std::memory_order_relaxed);
    }

  private:
    Services& services_;
    std::atomic<ULONG> static_events_ = 0;
};

}  // namespace owsk::wsk
