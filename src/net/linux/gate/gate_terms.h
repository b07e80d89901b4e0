// SPDX-License-Identifier: MIT
// GateTerms: what the gates of a network have in common: the user's bounds, the descriptors that
// they share, the counters.
#pragma once

#include <openwsk/gate_limits.h>

#include "net/linux/descriptor_shares.h"
#include "net/linux/gate/gate_tally.h"

namespace owsk::net {

struct GateTerms {
    const GateLimits limits = {};
    DescriptorShares descriptors = {};
    GateTally tally = {};
};

}  // namespace owsk::net
