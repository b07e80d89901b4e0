// SPDX-License-Identifier: MIT
// Expressions hand values to each other in a register; one register is enough here.
#include "net/linux/netfilter/nft_expressions.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace owsk::net {

namespace {

// Offsets in the headers of IPv4, IPv6 and TCP.
constexpr std::uint32_t ipv4_source = 12;
constexpr std::uint32_t ipv6_source = 8;
constexpr std::uint32_t tcp_source_port = 0;
constexpr std::uint32_t tcp_flags = 13;

// The expression of that name; its attributes are put until it ends.
class Expression {
  public:
    Expression(NetlinkMessages& messages, std::string_view name) noexcept : messages_(messages) {
        messages_.open(NFTA_LIST_ELEM);
        messages_.put_text(NFTA_EXPR_NAME, name);
        messages_.open(NFTA_EXPR_DATA);
    }
    Expression(const Expression&) = delete;
    Expression& operator=(const Expression&) = delete;
    ~Expression() {
        messages_.close();
        messages_.close();
    }

  private:
    NetlinkMessages& messages_;
};

void put_data(NetlinkMessages& messages,
              std::uint16_t attribute,
              std::span<const std::byte> value) noexcept {
    messages.open(attribute);
    messages.put(NFTA_DATA_VALUE, value);
    messages.close();
}

void put_load(NetlinkMessages& messages,
              std::uint32_t base,
              std::uint32_t offset,
              std::size_t length) noexcept {
    const Expression expression(messages, "payload");
    messages.put_be32(NFTA_PAYLOAD_DREG, NFT_REG_1);
    messages.put_be32(NFTA_PAYLOAD_BASE, base);
    messages.put_be32(NFTA_PAYLOAD_OFFSET, offset);
    messages.put_be32(NFTA_PAYLOAD_LEN, static_cast<std::uint32_t>(length));
}

void put_compare(NetlinkMessages& messages,
                 std::uint32_t operation,
                 std::span<const std::byte> value) noexcept {
    const Expression expression(messages, "cmp");
    messages.put_be32(NFTA_CMP_SREG, NFT_REG_1);
    messages.put_be32(NFTA_CMP_OP, operation);
    put_data(messages, NFTA_CMP_DATA, value);
}

// What the kernel knows of the packet besides its bytes.
void put_meta(NetlinkMessages& messages, std::uint32_t key) noexcept {
    const Expression expression(messages, "meta");
    messages.put_be32(NFTA_META_DREG, NFT_REG_1);
    messages.put_be32(NFTA_META_KEY, key);
}

void put_set_meta(NetlinkMessages& messages, std::uint32_t key, std::uint32_t value) noexcept {
    {
        const Expression expression(messages, "immediate");
        messages.put_be32(NFTA_IMMEDIATE_DREG, NFT_REG_1);
        put_data(messages, NFTA_IMMEDIATE_DATA, bytes_of(value));
    }
    const Expression expression(messages, "meta");
    messages.put_be32(NFTA_META_KEY, key);
    messages.put_be32(NFTA_META_SREG, NFT_REG_1);
}

void put_masked_flags(NetlinkMessages& messages, std::uint8_t mask) noexcept {
    put_load(messages, NFT_PAYLOAD_TRANSPORT_HEADER, tcp_flags, sizeof mask);
    const std::uint8_t flip = 0;
    const Expression expression(messages, "bitwise");
    messages.put_be32(NFTA_BITWISE_SREG, NFT_REG_1);
    messages.put_be32(NFTA_BITWISE_DREG, NFT_REG_1);
    messages.put_be32(NFTA_BITWISE_LEN, sizeof mask);
    put_data(messages, NFTA_BITWISE_MASK, bytes_of(mask));
    put_data(messages, NFTA_BITWISE_XOR, bytes_of(flip));
}

}  // namespace

void put_match_tcp(NetlinkMessages& messages) noexcept {
    put_meta(messages, NFT_META_L4PROTO);
    const std::uint8_t protocol = IPPROTO_TCP;
    put_compare(messages, NFT_CMP_EQ, bytes_of(protocol));
}

void put_match_address(NetlinkMessages& messages, End end, const Address& local) noexcept {
    // In all these headers what belongs to the destination comes right after that of the source.
    const bool is_destination = end == End::destination;
    if (!local.is_wildcard()) {
        const bool is_ipv4 = local.family == Family::ipv4;
        const auto ip = std::as_bytes(std::span(local.ip)).first(is_ipv4 ? 4 : 16);
        const std::size_t offset =
            (is_ipv4 ? ipv4_source : ipv6_source) + (is_destination ? ip.size() : 0);
        put_load(
            messages, NFT_PAYLOAD_NETWORK_HEADER, static_cast<std::uint32_t>(offset), ip.size());
        put_compare(messages, NFT_CMP_EQ, ip);
    }
    const std::uint16_t port = htons(local.port);
    const std::size_t offset = tcp_source_port + (is_destination ? sizeof port : 0);
    put_load(
        messages, NFT_PAYLOAD_TRANSPORT_HEADER, static_cast<std::uint32_t>(offset), sizeof port);
    put_compare(messages, NFT_CMP_EQ, bytes_of(port));
}

void put_match_flags(NetlinkMessages& messages, std::uint8_t mask, std::uint8_t value) noexcept {
    put_masked_flags(messages, mask);
    put_compare(messages, NFT_CMP_EQ, bytes_of(value));
}

void put_match_any_flag(NetlinkMessages& messages, std::uint8_t mask) noexcept {
    const std::uint8_t none = 0;
    put_masked_flags(messages, mask);
    put_compare(messages, NFT_CMP_NEQ, bytes_of(none));
}

void put_match_for_this_host(NetlinkMessages& messages) noexcept {
    put_meta(messages, NFT_META_PKTTYPE);
    const std::uint8_t for_this_host = PACKET_HOST;
    put_compare(messages, NFT_CMP_EQ, bytes_of(for_this_host));
}

void put_match_one_destination(NetlinkMessages& messages) noexcept {
    {
        const Expression expression(messages, "fib");
        messages.put_be32(NFTA_FIB_DREG, NFT_REG_1);
        messages.put_be32(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
        messages.put_be32(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
    }
    for (const std::uint32_t type : {RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST}) {
        put_compare(messages, NFT_CMP_NEQ, bytes_of(type));
    }
}

void put_match_mark(NetlinkMessages& messages, std::uint32_t mark) noexcept {
    put_meta(messages, NFT_META_MARK);
    put_compare(messages, NFT_CMP_EQ, bytes_of(mark));
}

void put_set_mark(NetlinkMessages& messages, std::uint32_t mark) noexcept {
    put_set_meta(messages, NFT_META_MARK, mark);
}

void put_reject_by_reset(NetlinkMessages& messages) noexcept {
    const Expression expression(messages, "reject");
    messages.put_be32(NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
}

void put_jump(NetlinkMessages& messages, std::string_view chain) noexcept {
    const Expression expression(messages, "immediate");
    messages.put_be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    messages.open(NFTA_IMMEDIATE_DATA);
    messages.open(NFTA_DATA_VERDICT);
    messages.put_be32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_JUMP));
    messages.put_text(NFTA_VERDICT_CHAIN, chain);
    messages.close();
    messages.close();
}

void put_queue(NetlinkMessages& messages, QueueRange queues) noexcept {
    const Expression expression(messages, "queue");
    messages.put_be16(NFTA_QUEUE_NUM, queues.first);
    messages.put_be16(NFTA_QUEUE_TOTAL, queues.count);
    messages.put_be16(NFTA_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS | NFT_QUEUE_FLAG_CPU_FANOUT);
}

void put_queue_target(NetlinkMessages& messages, QueueRange queues) noexcept {
    const xt_NFQ_info_v3 info = {
        .queuenum = queues.first,
        .queues_total = queues.count,
        .flags = NFQ_FLAG_BYPASS | NFQ_FLAG_CPU_FANOUT,
    };
    std::array<std::byte, XT_ALIGN(sizeof info)> aligned = {};
    std::memcpy(aligned.data(), &info, sizeof info);
    const Expression expression(messages, "target");
    messages.put_text(NFTA_TARGET_NAME, "NFQUEUE");
    messages.put_be32(NFTA_TARGET_REV, 3);
    messages.put(NFTA_TARGET_INFO, aligned);
}

}  // namespace owsk::net
