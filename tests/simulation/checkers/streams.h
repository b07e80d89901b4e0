// SPDX-License-Identifier: MIT
// StreamChecker: the bytes of each stream arrive in order, none lost and none made up. It makes the
// bytes itself: each depends on its stream and on its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

// One direction of one connection, by whatever number is unique in the run.
using StreamId = std::uint64_t;

class StreamChecker {
  public:
    static constexpr const char* name = "streams";

    explicit StreamChecker(Complaints& complaints) : complaints_(complaints) {}

    // The next bytes of the stream, for who sends them.
    std::string make(StreamId stream, std::size_t count);
    // `where` receives; there may be several places, each at its own offset.
    void received(StreamId stream, std::string_view where, std::string_view data);
    // The same, where nobody knows which bytes of the stream they are.
    void received_in_any_order(StreamId stream, std::string_view where, std::size_t count);
    std::uint64_t sent(StreamId stream) const;
    std::uint64_t received_at(StreamId stream, std::string_view where) const;
    // The end has come in order: everything that was sent must have arrived.
    void finished(StreamId stream, std::string_view where);

  private:
    static char byte_at(StreamId stream, std::uint64_t offset);
    std::uint64_t& offset_of(StreamId stream, std::string_view where);

    Complaints& complaints_;
    std::unordered_map<StreamId, std::uint64_t> sent_;
    std::unordered_map<std::string, std::uint64_t> received_;  // by stream and place
};

}  // namespace owsk::scenarios
