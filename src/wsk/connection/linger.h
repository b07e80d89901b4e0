// SPDX-License-Identifier: MIT
// Linger: how long the reset of a connection is held back, so that what was reported as sent
// arrives. Sends are complete when the network has taken the bytes, and a reset would discard them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/time.h"
#include "net/network.h"

namespace owsk::wsk {

class Linger {
  public:
    // After so long without an acknowledgment the peer counts as gone. Linux gives a connection
    // that no process has any more about as long.
    static constexpr Duration usual_patience = std::chrono::seconds(120);

    // Of the bytes sent so far the last `withdrawn` were never reported.
    Linger(std::size_t withdrawn, Instant now) noexcept : withdrawn_(withdrawn), since_(now) {}

    // When to look again; nothing when `connection` may be reset now. What the peer sends meanwhile
    // is thrown away, so that it does not have to wait with its reading.
    std::optional<Instant> look(net::Connection& connection,
                                Instant now,
                                Duration patience) noexcept;
    // How much has to arrive, as of the last look.
    std::size_t left() const noexcept { return left_; }

  private:
    std::size_t withdrawn_;
    std::size_t left_ = 0;
    Instant since_;  // the last acknowledgment
    Duration pause_{};
};

}  // namespace owsk::wsk
