// SPDX-License-Identifier: MIT
// Asks the kernel whether it has a connection. Some microseconds, without waiting.
#pragma once

#include <openwsk/address.h>

namespace owsk::net {

// Whether there is one between these ends in this network namespace, established and not yet over:
// with TIME-WAIT a connection is over, and a handshake is none. False where the kernel cannot tell.
bool kernel_has_connection(const Address& local, const Address& remote) noexcept;

}  // namespace owsk::net
