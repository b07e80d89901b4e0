// SPDX-License-Identifier: MIT
// Putting parts in order.
#include "net/sim/tcp/reassembly.h"

#include <utility>

namespace owsk::net {

void Reassembly::keep(std::uint32_t distance, std::string data) {
    const std::uint64_t place = base_ + distance;
    const auto [known, is_new] = parts_.try_emplace(place, std::move(data));
    if (!is_new && known->second.size() < data.size()) {
        known->second = std::move(data);
    }
}

std::uint32_t Reassembly::take(ByteQueue& queue) {
    const std::uint64_t before = base_;
    while (!parts_.empty() && parts_.begin()->first <= base_) {
        const auto& [place, data] = *parts_.begin();
        const std::uint64_t known = base_ - place;
        if (known < data.size()) {
            queue.push(std::string_view(data).substr(known));
            base_ += data.size() - known;
        }
        parts_.erase(parts_.begin());
    }
    return static_cast<std::uint32_t>(base_ - before);
}

}  // namespace owsk::net
