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

// A packet that the link has brought to this host alone: TCP drops all others.
void put_match_for_this_host(NetlinkMessages& messages) noexcept;
// A destination that is not known to be several hosts, or any of several. Some kernels have no such
// expression, and refuse the rule with ENOENT.
void put_match_one_destination(NetlinkMessages& messages) noexcept;
void put_match_mark(NetlinkMessages& messages, std::uint32_t mark) noexcept;

void put_set_mark(NetlinkMessages& messages, std::uint32_t mark) noexcept;
// Answers the segment by RST and drops it. The RST belongs to the connection tracking entry of the
// segment, so that it is translated as the segment was.
void put_reject_by_reset(NetlinkMessages& messages) noexcept;
void put_jump(NetlinkMessages& messages, std::string_view chain) noexcept;
void put_queue(NetlinkMessages& messages, QueueRange queues) noexcept;
// The same by means of x_tables, for kernels that have no queue expression.
void put_queue_target(NetlinkMessages& messages, QueueRange queues) noexcept;

}  // namespace owsk::net
