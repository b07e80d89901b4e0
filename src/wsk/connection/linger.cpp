// SPDX-License-Identifier: MIT
// No network announces that all is acknowledged, so it is asked: soon at first, and soon again as
// long as acknowledgments come, since a short answer is acknowledged within a round trip.
#include "wsk/connection/linger.h"

#include <algorithm>

namespace owsk::wsk {

namespace {

using namespace std::chrono_literals;

constexpr Duration pause_min = 2ms;
constexpr Duration pause_max = 500ms;
// Thrown away at each look.
constexpr std::size_t discard_max = 1024 * 1024;

}  // namespace

std::optional<Instant> Linger::look(net::Connection& connection,
                                    Instant now,
                                    Duration patience) noexcept {
    static_cast<void>(connection.discard(discard_max));
    const std::size_t unacknowledged = connection.unacknowledged();
    if (unacknowledged <= withdrawn_ || !NT_SUCCESS(connection.failure())) {
        return std::nullopt;
    }
    const bool is_first = pause_ == Duration::zero();
    const std::size_t left = unacknowledged - withdrawn_;
    if (is_first || left < left_) {
        since_ = is_first ? since_ : now;
        pause_ = pause_min;
    } else if (now - since_ >= patience) {
        return std::nullopt;
    } else {
        pause_ = std::min(2 * pause_, pause_max);
    }
    left_ = left;
    return now + pause_;
}

}  // namespace owsk::wsk
