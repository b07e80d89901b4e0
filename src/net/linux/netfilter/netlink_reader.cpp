// SPDX-License-Identifier: MIT
// Every length is checked against what is there, although the kernel wrote it.
#include "net/linux/netfilter/netlink_reader.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>

namespace owsk::net {

namespace {

void skip(std::span<const std::byte>& rest, std::size_t length) noexcept {
    // The padding after the last piece may be missing.
    rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(length), rest.size()));
}

}  // namespace

std::optional<NetlinkMessage> take_message(std::span<const std::byte>& rest) noexcept {
    const auto header = read_value<nlmsghdr>(rest);
    if (!header || header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > rest.size()) {
        return std::nullopt;
    }
    const NetlinkMessage message = {
        .type = header->nlmsg_type,
        .sequence = header->nlmsg_seq,
        .body = rest.first(header->nlmsg_len).subspan(NLMSG_HDRLEN),
    };
    skip(rest, header->nlmsg_len);
    return message;
}

std::optional<NetlinkAttribute> take_attribute(std::span<const std::byte>& rest) noexcept {
    const auto header = read_value<nlattr>(rest);
    if (!header || header->nla_len < NLA_HDRLEN || header->nla_len > rest.size()) {
        return std::nullopt;
    }
    const NetlinkAttribute attribute = {
        .type = static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK),
        .value = rest.first(header->nla_len).subspan(NLA_HDRLEN),
    };
    skip(rest, header->nla_len);
    return attribute;
}

std::span<const std::byte> nfnetlink_attributes(const NetlinkMessage& message) noexcept {
    if (message.body.size() < sizeof(nfgenmsg)) {
        return {};
    }
    return message.body.subspan(sizeof(nfgenmsg));
}

}  // namespace owsk::net
