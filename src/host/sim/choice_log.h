// SPDX-License-Identifier: MIT
// ChoiceLog: what was chosen in a run, as one number and, if wanted, step by step. Two runs of one
// seed have the same; if not, first_difference() says where they part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/interleave.h"
#include "base/time.h"

namespace owsk::host {

struct Choice {
    enum class Kind : std::uint8_t {
        point,  // `player` came past `point`
        turn,   // `player` got the turn
        event,  // something happened in the world, on the thread of `player`
    };
    Kind kind;
    Point point;
    unsigned player;
    Instant time;

    friend bool operator==(const Choice&, const Choice&) = default;
};

class ChoiceLog {
  public:
    explicit ChoiceLog(bool keep) noexcept : keep_(keep) {}

    void add(const Choice& choice) {
        ++steps_;
        mix(static_cast<std::uint64_t>(choice.player) << 16 |
            static_cast<std::uint64_t>(choice.kind) << 8 |
            static_cast<std::uint64_t>(choice.point));
        if (choice.kind == Choice::Kind::event) {
            mix(static_cast<std::uint64_t>(choice.time.time_since_epoch().count()));
        }
        if (keep_) {
            choices_.push_back(choice);
        }
    }

    std::uint64_t steps() const noexcept { return steps_; }
    std::uint64_t hash() const noexcept { return hash_; }
    // Empty unless kept.
    const std::vector<Choice>& choices() const noexcept { return choices_; }

  private:
    void mix(std::uint64_t value) noexcept {
        constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
        hash_ = (hash_ ^ value) * odd;
        hash_ ^= hash_ >> 29;
    }

    const bool keep_;
    std::uint64_t steps_ = 0;
    std::uint64_t hash_ = 0;
    std::vector<Choice> choices_;
};

// "spin_lock"
const char* point_name(Point point) noexcept;

// "step 17: point call of thread 2 at 0.001000000 s, the other run: turn of thread 0 ..."; empty if
// there is none.
std::string first_difference(const std::vector<Choice>& one, const std::vector<Choice>& other);

}  // namespace owsk::host
