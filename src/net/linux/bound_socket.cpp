// SPDX-License-Identifier: MIT
// The steps up to bind(2), the same for all that have a port.
#include "net/linux/bound_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "net/linux/datagram_header.h"
#include "net/linux/datagram_options.h"
#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

void set_flag(int fd, int level, int name, bool value) noexcept {
    const int number = value ? 1 : 0;
    ::setsockopt(fd, level, name, &number, sizeof number);
}

host::UniqueFd make_socket(Family family, int type, int protocol) noexcept {
    const int number = family == Family::ipv6 ? AF_INET6 : AF_INET;
    return host::UniqueFd(::socket(number, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

// `fd` has just been made, or errno says why not.
Result<BoundSocket> bound(host::UniqueFd fd,
                          const Address& address,
                          bool v6_only,
                          bool share) noexcept {
    if (!fd) {
        return status_from_errno(errno);
    }
    if (share) {
        share_port(fd.get(), true);
    }
    if (address.family == Family::ipv6) {
        set_flag(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, v6_only);
    }
    const Sockaddr sockaddr = to_sockaddr(address);
    if (::bind(fd.get(), sockaddr.get(), sockaddr.length) != 0) {
        return status_from_errno(errno);
    }
    const Address local = local_address_of(fd.get());
    return BoundSocket{std::move(fd), local};
}

}  // namespace

Address local_address_of(int fd) noexcept {
    Sockaddr sockaddr;
    const int result = ::getsockname(fd, sockaddr.get(), &sockaddr.length);
    OWSK_ASSERT(result == 0);
    return to_address(sockaddr);
}

void share_port(int fd, bool share) noexcept {
    set_flag(fd, SOL_SOCKET, SO_REUSEPORT, share);
}

Result<BoundSocket> bind_socket(const Address& address, bool v6_only, bool share) noexcept {
    host::UniqueFd fd = make_socket(address.family, SOCK_STREAM, IPPROTO_TCP);
    if (fd) {
        // Windows binds over connections in TIME_WAIT; Linux has to be told.
        set_flag(fd.get(), SOL_SOCKET, SO_REUSEADDR, true);
    }
    return bound(std::move(fd), address, v6_only, share);
}

host::UniqueFd make_datagram_socket(Family family, bool v6_only) noexcept {
    host::UniqueFd fd = make_socket(family, SOCK_DGRAM, IPPROTO_UDP);
    if (fd) {
        set_datagram_defaults(fd.get(), families_of(family, v6_only));
        report_destinations(fd.get(), family);
    }
    return fd;
}

Result<BoundSocket> bind_datagram_socket(const Address& address,
                                         bool v6_only,
                                         bool share) noexcept {
    return bound(make_datagram_socket(address.family, v6_only), address, v6_only, share);
}

}  // namespace owsk::net
