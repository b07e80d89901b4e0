// SPDX-License-Identifier: MIT
// Reassembly: data that arrived before the data in front of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "net/sim/tcp/byte_queue.h"

namespace owsk::net {

class Reassembly {
  public:
    bool empty() const noexcept { return parts_.empty(); }
    void clear() noexcept { parts_.clear(); }
    // Keeps what begins `distance` bytes after the next expected one.
    void keep(std::uint32_t distance, std::string data);
    // The next expected byte is `count` bytes further on.
    void advance(std::uint32_t count) noexcept { base_ += count; }
    // Moves what is in order now into `queue`; how many bytes that was. advance() is done.
    std::uint32_t take(ByteQueue& queue);

  private:
    // By the place in the stream. They may overlap: the data is the same.
    std::map<std::uint64_t, std::string> parts_;
    std::uint64_t base_ = 0;
};

}  // namespace owsk::net
