// SPDX-License-Identifier: MIT
// The sentences for impossible values.
#include "machine/simulation/checked.h"

#include <optional>
#include <stdexcept>

#include "base/address_text.h"

namespace owsk {

Address require_address(const std::string& ip) {
    const std::optional<Address> address = ip_from_text(ip);
    if (!address) {
        throw std::invalid_argument(
            "\"" + ip + "\" is not an IP address; write it as 192.0.2.1 or 2001:db8::1");
    }
    return *address;
}

void require_possible(const LinkRules& rules) {
    const std::string problem = why_impossible(rules);
    if (!problem.empty()) {
        throw std::invalid_argument(problem);
    }
}

}  // namespace owsk
