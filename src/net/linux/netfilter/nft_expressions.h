// SPDX-License-Identifier: MIT
// The parts of nf_tables rules: what a rule looks at, and what becomes of a packet that matches.
#pragma once

#include <openwsk/address.h>

#include <cstdint>
#include <string_view>

#include "net/linux/netfilter/netlink_message.h"
#include "net/linux/netfilter/syn_rules.h"

namespace owsk::net {

// Each puts expressions into the list that is open in `messages`. A rule ends at the first of them
// that does not match.

void put_match_tcp(NetlinkMessages& messages) noexcept;
// The address and port at that end of the packet. A wildcard matches by its port alone.
enum class End : std::uint8_t { source, destination };
void put_match_address(NetlinkMessages& messages, End end, const Address& local) noexcept;
// flags & mask == value
void put_match_flags(NetlinkMessages& messages, std::uint8_t mask, std::uint8_t value) noexcept;
// flags & mask != 0
void put_match_any_flag(NetlinkMessages& messages, std::uint8_t mask) noexcept;

void put_jump(NetlinkMessages& messages, std::string_view chain) noexcept;
void put_queue(NetlinkMessages& messages, QueueRange queues) noexcept;
// The same by means of x_tables, for kernels that have no queue expression.
void put_queue_target(NetlinkMessages& messages, QueueRange queues) noexcept;

}  // namespace owsk::net
