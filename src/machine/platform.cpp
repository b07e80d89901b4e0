// SPDX-License-Identifier: MIT
// The machine that we run on.
#include "machine/platform.h"

#include <utility>

#include "host/linux/linux_host.h"
#include "net/linux/linux_network.h"

namespace owsk {

Platform real_platform(const MachineOptions& options) {
    auto host = std::make_unique<host::LinuxHost>(options.processors);
    auto network = std::make_unique<net::LinuxNetwork>(*host, options.gate, options.limits);
    return {std::move(host), std::move(network)};
}

}  // namespace owsk
