// SPDX-License-Identifier: MIT
// Capture: writes what computers send to a pcapng file, each packet once, with the time at which it
// was sent and, where it did not just travel, a comment on what became of it. Each computer is an
// interface by its name.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <unordered_map>

#include "net/sim/internet.h"

namespace owsk::net {

class Capture final : public Tap {
  public:
    // `file` outlives the capture. It was opened for bytes, and is empty.
    explicit Capture(std::ostream& file);

    void on_sent(Instant now,
                 const Computer& from,
                 const Packet& packet,
                 Fate fate) noexcept override;

    // The errno of the first that could not be written, or 0. The file is good up to there.
    int error() const noexcept { return error_; }

  private:
    std::uint32_t interface_of(const Computer& computer);
    void write(std::span<const std::byte> block);

    std::ostream& file_;
    int error_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> interfaces_;  // by the computer's number
};

}  // namespace owsk::net
