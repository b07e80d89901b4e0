// SPDX-License-Identifier: MIT
// LeakChecker: a machine that stops owns nothing any more, and has closed every connection that it
// has accepted.
#pragma once

#include <openwsk/observer.h>

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

// Observes one machine.
class LeakChecker final : public Observer {
  public:
    static constexpr const char* name = "leaks";

    explicit LeakChecker(Complaints& complaints) : complaints_(complaints) {}

    void leak(const probe::Leak& record) noexcept override;
    void connection_accepted(const probe::ConnectionAccepted& record) noexcept override;
    void connection_made(const probe::ConnectionMade& record) noexcept override;
    void connection_declined(const probe::ConnectionDeclined& record) noexcept override;
    void connection_closed(const probe::ConnectionClosed& record) noexcept override;

    // What Machine::stop() has returned.
    void check_stopped(std::uint64_t owned);

  private:
    Complaints& complaints_;
    std::vector<std::string> leaks_;
    std::uint64_t delivered_ = 0;
    std::uint64_t closed_ = 0;
};

}  // namespace owsk::scenarios
