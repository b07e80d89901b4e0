// SPDX-License-Identifier: MIT
// Packet sockets, whose filters let nothing but those segments through.
#include "net/linux/netfilter/arrivals.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "net/claim.h"
#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

// Headers with all options; the text is not needed.
constexpr std::size_t arrival_bytes_max = 256;

constexpr std::uint16_t load_octet_at = BPF_LD | BPF_B | BPF_ABS;
constexpr std::uint16_t load_two_octets_at = BPF_LD | BPF_H | BPF_ABS;
constexpr std::uint16_t load_octet_behind_header = BPF_LD | BPF_B | BPF_IND;
constexpr std::uint16_t load_ipv4_header_length = BPF_LDX | BPF_B | BPF_MSH;
constexpr std::uint16_t keep_bits = BPF_ALU | BPF_AND | BPF_K;
constexpr std::uint16_t if_equal = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t if_any_bit = BPF_JMP | BPF_JSET | BPF_K;
constexpr std::uint16_t end_with = BPF_RET | BPF_K;

constexpr std::uint32_t tcp_flags_offset = 13;
constexpr std::uint32_t bit_rst = 0x04;
constexpr std::uint32_t bits_syn_ack = 0x12;
constexpr std::uint32_t bit_syn = 0x02;

// A step gives how many steps to skip when it is so, and when it is not.
constexpr std::array<sock_filter, 11> ipv4_filter = {{
    {load_octet_at, 0, 0, 9},
    {if_equal, 0, 8, IPPROTO_TCP},
    {load_two_octets_at, 0, 0, 6},
    {if_any_bit, 6, 0, 0x1fff},  // a later fragment
    {load_ipv4_header_length, 0, 0, 0},
    {load_octet_behind_header, 0, 0, tcp_flags_offset},
    {if_any_bit, 2, 0, bit_rst},
    {keep_bits, 0, 0, bits_syn_ack},
    {if_equal, 0, 1, bit_syn},
    {end_with, 0, 0, arrival_bytes_max},
    {end_with, 0, 0, 0},
}};
constexpr std::array<sock_filter, 8> ipv6_filter = {{
    {load_octet_at, 0, 0, 6},
    {if_equal, 0, 5, IPPROTO_TCP},
    {load_octet_at, 0, 0, 40 + tcp_flags_offset},
    {if_any_bit, 2, 0, bit_rst},
    {keep_bits, 0, 0, bits_syn_ack},
    {if_equal, 0, 1, bit_syn},
    {end_with, 0, 0, arrival_bytes_max},
    {end_with, 0, 0, 0},
}};

// 0 or an errno. Nothing arrives before the filter is there.
template <typename Filter>
int listen_for(int fd, std::uint16_t protocol, const Filter& steps) noexcept {
    const sock_fprog filter = {.len = static_cast<unsigned short>(steps.size()),
                               .filter = const_cast<sock_filter*>(steps.data())};
    sockaddr_ll address = {};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(protocol);
    const bool done = ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 &&
                      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    return done ? 0 : errno;
}

}  // namespace

Result<Arrivals> Arrivals::open() noexcept {
    std::array<host::UniqueFd, 2> fds;
    for (host::UniqueFd& fd : fds) {
        // Of no protocol until it is bound, so that nothing arrives.
        fd = host::UniqueFd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!fd) {
            return status_from_errno(errno);
        }
    }
    int error = listen_for(fds[0].get(), ETH_P_IP, ipv4_filter);
    if (error == 0) {
        error = listen_for(fds[1].get(), ETH_P_IPV6, ipv6_filter);
    }
    if (error != 0) {
        return status_from_errno(error);
    }
    return Arrivals(std::move(fds));
}

std::optional<Segment> Arrivals::receive(int fd, bool& more) noexcept {
    std::array<std::byte, arrival_bytes_max> bytes;
    sockaddr_ll sender = {};
    socklen_t sender_length = sizeof sender;
    const ssize_t length = ::recvfrom(
        fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&sender), &sender_length);
    if (length < 0) {
        more = errno == EINTR;
        return std::nullopt;
    }
    if (sender.sll_pkttype == PACKET_OUTGOING) {
        return std::nullopt;
    }
    std::optional<Segment> segment =
        parse_segment(std::span(bytes).first(static_cast<std::size_t>(length)));
    if (segment) {
        for (Address* const address : {&segment->source, &segment->destination}) {
            if (is_link_local(*address)) {
                address->scope_id = static_cast<std::uint32_t>(sender.sll_ifindex);
            }
        }
    }
    return segment;
}

}  // namespace owsk::net
