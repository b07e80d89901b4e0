// SPDX-License-Identifier: MIT
// ArrivalWatch: looks at what arrives (Arrivals) while somebody wants it, and tells the screens. On
// a host that translates addresses nobody else knows whom a client has addressed.
#pragma once

#include <atomic>
#include <optional>

#include "host/linux/linux_clock.h"
#include "host/linux/linux_processor.h"
#include "net/bound.h"
#include "net/linux/netfilter/arrivals.h"

namespace owsk::net {

class SynService;

class ArrivalWatch final : private host::Watch {
  public:
    // Works on `loop`, which is stopped before the service and this end.
    ArrivalWatch(SynService& service, host::LinuxProcessor& loop) noexcept
        : service_(service), loop_(loop) {}

    // Looks for some time from now on. Any thread.
    void want() noexcept;

  private:
    void on_events(std::uint32_t events) noexcept override;
    void open() noexcept;
    void end_if_unwanted() noexcept;

    SynService& service_;
    host::LinuxProcessor& loop_;
    const host::LinuxClock clock_;
    BoundTask<ArrivalWatch, &ArrivalWatch::open> open_{*this};
    BoundTimer<ArrivalWatch, &ArrivalWatch::end_if_unwanted> end_due_{*this};

    std::atomic<Instant> wanted_until_ = Instant();
    std::atomic<bool> is_asked_for_ = false;
    std::optional<Arrivals> arrivals_;  // used only on the loop
};

}  // namespace owsk::net
