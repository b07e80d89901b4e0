// SPDX-License-Identifier: MIT
// Headers are copied in and out: the buffer has no type of its own.
#include "net/linux/netfilter/netlink_message.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "base/assert.h"

namespace owsk::net {

std::byte* NetlinkMessages::grow(std::size_t length) noexcept {
    const std::size_t aligned = NLMSG_ALIGN(length);
    if (!fits_ || length > capacity || aligned > capacity - size_) {
        fits_ = false;
        return nullptr;
    }
    std::byte* const place = buffer_.data() + size_;
    std::memset(place, 0, aligned);
    size_ += aligned;
    return place;
}

void NetlinkMessages::write_length() noexcept {
    const auto length = static_cast<std::uint32_t>(size_ - message_);
    std::memcpy(buffer_.data() + message_ + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
}

void NetlinkMessages::begin(std::uint16_t type,
                            std::uint16_t flags,
                            std::uint8_t family,
                            std::uint16_t resource) noexcept {
    OWSK_ASSERT(depth_ == 0);
    const std::size_t start = size_;
    std::byte* const place = grow(NLMSG_HDRLEN + sizeof(nfgenmsg));
    if (place == nullptr) {
        return;
    }
    message_ = start;
    nlmsghdr header = {};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    std::memcpy(place, &header, sizeof header);
    nfgenmsg generic = {};
    generic.nfgen_family = family;
    generic.version = NFNETLINK_V0;
    generic.res_id = htons(resource);
    std::memcpy(place + NLMSG_HDRLEN, &generic, sizeof generic);
    write_length();
}

void NetlinkMessages::begin_batch(std::uint16_t subsystem) noexcept {
    begin(NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, subsystem);
}

void NetlinkMessages::end_batch(std::uint16_t subsystem) noexcept {
    begin(NFNL_MSG_BATCH_END, 0, AF_UNSPEC, subsystem);
}

void NetlinkMessages::put(std::uint16_t attribute, std::span<const std::byte> value) noexcept {
    OWSK_ASSERT(size_ != 0);
    std::byte* const place = grow(NLA_HDRLEN + value.size());
    if (place == nullptr) {
        return;
    }
    nlattr header = {};
    header.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size());
    header.nla_type = attribute;
    std::memcpy(place, &header, sizeof header);
    if (!value.empty()) {
        std::memcpy(place + NLA_HDRLEN, value.data(), value.size());
    }
    write_length();
}

void NetlinkMessages::put_u8(std::uint16_t attribute, std::uint8_t value) noexcept {
    put(attribute, bytes_of(value));
}

void NetlinkMessages::put_be16(std::uint16_t attribute, std::uint16_t value) noexcept {
    put(attribute, bytes_of(htobe16(value)));
}

void NetlinkMessages::put_be32(std::uint16_t attribute, std::uint32_t value) noexcept {
    put(attribute, bytes_of(htobe32(value)));
}

void NetlinkMessages::put_be64(std::uint16_t attribute, std::uint64_t value) noexcept {
    put(attribute, bytes_of(htobe64(value)));
}

void NetlinkMessages::put_text(std::uint16_t attribute, std::string_view text) noexcept {
    std::array<std::byte, 128> value = {};
    if (text.size() >= value.size()) {
        fits_ = false;
        return;
    }
    std::memcpy(value.data(), text.data(), text.size());
    put(attribute, std::span(value).first(text.size() + 1));
}

void NetlinkMessages::open(std::uint16_t attribute) noexcept {
    OWSK_ASSERT(depth_ < depth_max);
    open_[depth_++] = size_;
    put(static_cast<std::uint16_t>(attribute | NLA_F_NESTED), {});
}

void NetlinkMessages::close() noexcept {
    OWSK_ASSERT(depth_ > 0);
    const std::size_t start = open_[--depth_];
    if (fits_) {
        const auto length = static_cast<std::uint16_t>(size_ - start);
        std::memcpy(buffer_.data() + start + offsetof(nlattr, nla_len), &length, sizeof length);
    }
}

}  // namespace owsk::net
