// SPDX-License-Identifier: MIT
// BoundSocket: a socket that has a local address, and nothing else yet.
#pragma once

#include "base/result.h"
#include "host/linux/unique_fd.h"
#include "net/network.h"

namespace owsk::net {

struct BoundSocket {
    host::UniqueFd fd;
    Address local;
};

// Port 0: any free one. `v6_only` matters to IPv6 alone.
Result<BoundSocket> bind_socket(const Address& address, bool v6_only, bool share_port) noexcept;
// A socket of UDP with the defaults of a port of datagrams. None: errno says why.
host::UniqueFd make_datagram_socket(Family family, bool v6_only) noexcept;
// The same, bound: what arrives directly after the bind has the defaults.
Result<BoundSocket> bind_datagram_socket(const Address& address,
                                         bool v6_only,
                                         bool share_port) noexcept;

// Whether other sockets may be bound to the port, if they ask for it.
void share_port(int fd, bool share) noexcept;

Address local_address_of(int fd) noexcept;

}  // namespace owsk::net
