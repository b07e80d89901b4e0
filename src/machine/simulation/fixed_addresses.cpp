// SPDX-License-Identifier: MIT
// The address space of a program that simulates: as the build says, not as chance does.
#include <openwsk/simulation.h>

#include "host/linux/address_space.h"

namespace owsk {

bool detail::fix_addresses() noexcept {
    return host::start_again_without_randomisation();
}

}  // namespace owsk
