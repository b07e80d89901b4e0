// SPDX-License-Identifier: MIT
// What callers of the public functions may get wrong: each throws std::invalid_argument with a
// sentence that names the value and what is allowed.
#pragma once

#include <openwsk/address.h>
#include <openwsk/link_rules.h>

#include <string>

namespace owsk {

Address require_address(const std::string& ip);
void require_possible(const LinkRules& rules);

}  // namespace owsk
