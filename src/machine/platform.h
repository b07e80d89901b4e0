// SPDX-License-Identifier: MIT
// Platform: what a machine stands on. The one place that chooses among kinds of host and network.
#pragma once

#include <openwsk/machine.h>

#include <memory>

#include "host/host.h"
#include "net/network.h"

namespace owsk {

struct Platform {
    std::unique_ptr<host::Host> host;
    std::unique_ptr<net::Network> network;  // on that host
};

// The real machine and the sockets of its kernel.
Platform real_platform(const MachineOptions& options);

}  // namespace owsk
