// SPDX-License-Identifier: MIT
// Takes datagrams of netlink apart: messages into attributes, attributes into values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace owsk::net {

struct NetlinkMessage {
    std::uint16_t type;
    std::uint32_t sequence;
    std::span<const std::byte> body;  // after the header of netlink
};

struct NetlinkAttribute {
    std::uint16_t type;
    std::span<const std::byte> value;
};

// Each takes the first piece off `rest`. None at the end, and none when what is left is no whole
// piece, which then stays unread.
std::optional<NetlinkMessage> take_message(std::span<const std::byte>& rest) noexcept;
std::optional<NetlinkAttribute> take_attribute(std::span<const std::byte>& rest) noexcept;

// The attributes of a message of nfnetlink; empty if it is too short to be one.
std::span<const std::byte> nfnetlink_attributes(const NetlinkMessage& message) noexcept;

// The value at the start of `bytes`, in the byte order in which it was sent.
template <typename Value>
std::optional<Value> read_value(std::span<const std::byte> bytes) noexcept {
    Value value;
    if (bytes.size() < sizeof value) {
        return std::nullopt;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

}  // namespace owsk::net
