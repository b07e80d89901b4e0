// SPDX-License-Identifier: MIT
// Tap: every segment on the loopback interface, as it passes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <span>

#include "host/linux/unique_fd.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {

inline constexpr int tap_patience_ms = 20'000;

class Tap {
  public:
    Tap() : fd_(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
        EXPECT_TRUE(fd_) << std::strerror(errno);
    }

    // The next that is wanted; none if it does not come within the time.
    std::optional<Segment> next(const std::function<bool(const Segment&)>& wanted,
                                int wait_ms = tap_patience_ms) {
        pollfd readable = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
        while (::poll(&readable, 1, wait_ms) == 1) {
            std::array<std::byte, 256> packet;
            const ssize_t length = ::recv(fd_.get(), packet.data(), packet.size(), 0);
            if (length < 0) {
                break;
            }
            const std::optional<Segment> segment =
                parse_segment(std::span(packet).first(static_cast<std::size_t>(length)));
            if (segment && wanted(*segment)) {
                return segment;
            }
        }
        return {};
    }

  private:
    host::UniqueFd fd_;
};

}  // namespace owsk::net
