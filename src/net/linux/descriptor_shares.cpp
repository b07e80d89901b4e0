// SPDX-License-Identifier: MIT
// An eighth of the descriptors for each kind, divided by the number of listeners.
#include "net/linux/descriptor_shares.h"

#include <sys/resource.h>

#include <algorithm>

#include "net/gate_bounds.h"

namespace owsk::net {

namespace {

std::size_t eighth_of_descriptors() noexcept {
    rlimit limit = {};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / 8 : 0;
}

}  // namespace

DescriptorShares::DescriptorShares() noexcept : of_each_kind_(eighth_of_descriptors()) {}

std::size_t DescriptorShares::Member::bound(std::uint32_t wanted,
                                            std::size_t usual) const noexcept {
    if (wanted != 0) {
        return wanted;
    }
    const std::size_t members = shares_.members_.load(std::memory_order_relaxed);
    return std::clamp<std::size_t>(shares_.of_each_kind_ / members, 1, usual);
}

}  // namespace owsk::net
