// SPDX-License-Identifier: MIT
// What happens if nobody says what: a few clients for each listening socket.
#pragma once

#include <openwsk/address.h>

#include <functional>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace wskrun {

// The computers, without clients.
Scenario default_scenario(const std::vector<std::string>& drivers);
// For listeners that are new. `count` is how many clients there are; `choose` returns a number by
// the seed, below its argument.
std::vector<ClientPlan> default_clients(const std::vector<owsk::Address>& listeners,
                                        unsigned& count,
                                        const std::function<std::uint64_t(std::uint64_t)>& choose);

}  // namespace wskrun
