// SPDX-License-Identifier: MIT
// Addresses come back from the kernel's form as they went in.
#include "net/linux/sockaddr.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace owsk::net {
namespace {

TEST(Sockaddr, Ipv4HasTheLayoutOfTheKernel) {
    const Sockaddr sockaddr =
        to_sockaddr({.family = Family::ipv4, .port = 80, .ip = {10, 0, 0, 1}});
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(sockaddr.storage);
    EXPECT_EQ(sockaddr.length, sizeof(sockaddr_in));
    EXPECT_EQ(ipv4.sin_family, AF_INET);
    EXPECT_EQ(ipv4.sin_port, htons(80));
    EXPECT_EQ(ipv4.sin_addr.s_addr, htonl(0x0a000001));
}

TEST(Sockaddr, ComesBackAsItWentIn) {
    const Address ipv4{.family = Family::ipv4, .port = 7, .ip = {1, 2, 3, 4}};
    EXPECT_EQ(to_address(to_sockaddr(ipv4)), ipv4);
    const Address ipv6{.family = Family::ipv6,
                       .port = 65535,
                       .ip = {0xfe, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
                       .flow_info = 0x01020304,
                       .scope_id = 5};
    EXPECT_EQ(to_address(to_sockaddr(ipv6)), ipv6);
}

}  // namespace
}  // namespace owsk::net
