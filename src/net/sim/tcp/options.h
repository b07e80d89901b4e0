// SPDX-License-Identifier: MIT
// TcpOptions: what can be set of a connection, or of a listener for those it will accept.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "net/network.h"

namespace owsk::net {

struct TcpOptions {
    // In bytes of data, from 1 on.
    std::uint32_t receive_buffer = 128 * 1024;
    std::uint32_t send_buffer = 256 * 1024;
    bool no_delay = false;
    bool keep_alive = false;
    // As on Linux: tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes.
    std::uint32_t keep_alive_idle = 7200;
    std::uint32_t keep_alive_interval = 75;
    std::uint32_t keep_alive_count = 9;
    std::uint32_t retransmission_limit = 0;
    // Without effect: the computers of the simulation know no Fast Open.
    bool fast_open = false;

    // What somebody has set, and the rest as it is by default.
    static TcpOptions from(const OptionValues& values) noexcept;

    std::uint32_t get(SocketOption option) const noexcept;
    void set(SocketOption option, std::uint32_t value) noexcept;
};

}  // namespace owsk::net
