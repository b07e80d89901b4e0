// SPDX-License-Identifier: MIT
// A socket of IPv6 that takes IPv4 datagrams gets control messages of both families.
#include "net/linux/datagram_header.h"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "net/flow.h"
#include "net/group_address.h"

namespace owsk::net {

namespace {

template <typename Content>
Content content_of(const cmsghdr& control) noexcept {
    Content content;
    std::memcpy(&content, CMSG_DATA(&control), sizeof content);
    return content;
}

bool is(const cmsghdr& control, int level, int type) noexcept {
    return control.cmsg_level == level && control.cmsg_type == type;
}

Address address_of(const in_addr& ipv4) noexcept {
    Address address;
    std::memcpy(address.ip.data(), &ipv4, sizeof ipv4);
    return address;
}

Address address_of(const in6_addr& ipv6) noexcept {
    Address address = {.family = Family::ipv6};
    std::memcpy(address.ip.data(), &ipv6, sizeof ipv6);
    return address;
}

// The kernel's own choice of a source for an answer is the destination itself, unless that is no
// address of this computer.
void read_packet_info(const in_pktinfo& info, Family family, ReceivedDatagram& datagram) noexcept {
    const Address destination = address_of(info.ipi_addr);
    datagram.is_multicast = is_multicast(destination);
    datagram.is_broadcast =
        !datagram.is_multicast && info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr;
    datagram.header.packet_info = {
        .ip = (family == Family::ipv4 ? destination : v4_mapped(destination)).ip,
        .interface_index = static_cast<std::uint32_t>(info.ipi_ifindex)};
}

void read_packet_info(const in6_pktinfo& info, ReceivedDatagram& datagram) noexcept {
    const Address destination = address_of(info.ipi6_addr);
    datagram.is_multicast = datagram.is_multicast || is_multicast(destination);
    datagram.header.packet_info = {.ip = destination.ip, .interface_index = info.ipi6_ifindex};
}

void read_one(const cmsghdr& control, Family family, ReceivedDatagram& datagram) noexcept {
    DatagramHeader& header = datagram.header;
    if (is(control, IPPROTO_IP, IP_PKTINFO)) {
        read_packet_info(content_of<in_pktinfo>(control), family, datagram);
    } else if (is(control, IPPROTO_IPV6, IPV6_PKTINFO)) {
        read_packet_info(content_of<in6_pktinfo>(control), datagram);
    } else if (is(control, IPPROTO_IP, IP_TTL) || is(control, IPPROTO_IPV6, IPV6_HOPLIMIT)) {
        header.hop_limit = static_cast<std::uint8_t>(content_of<int>(control));
    } else if (is(control, IPPROTO_IP, IP_TOS)) {
        header.traffic_class = content_of<std::uint8_t>(control);
    } else if (is(control, IPPROTO_IPV6, IPV6_TCLASS)) {
        header.traffic_class = static_cast<std::uint8_t>(content_of<int>(control));
    } else if (is(control, IPPROTO_UDP, UDP_GRO)) {
        header.segment_size = static_cast<std::uint32_t>(content_of<int>(control));
    }
}

template <typename Use>
void for_each_control(const msghdr& message, Use use) noexcept {
    auto& walked = const_cast<msghdr&>(message);
    for (const cmsghdr* at = CMSG_FIRSTHDR(&walked); at != nullptr;
         at = CMSG_NXTHDR(&walked, const_cast<cmsghdr*>(at))) {
        use(*at);
    }
}

// Appends control messages to a buffer.
class ControlWriter {
  public:
    explicit ControlWriter(ControlBuffer& buffer) noexcept : buffer_(buffer) {}

    template <typename Content>
    void put(int level, int type, const Content& content) noexcept {
        OWSK_ASSERT(length_ + CMSG_SPACE(sizeof content) <= buffer_.bytes.size());
        cmsghdr control = {};
        control.cmsg_len = CMSG_LEN(sizeof content);
        control.cmsg_level = level;
        control.cmsg_type = type;
        std::byte* const at = buffer_.bytes.data() + length_;
        std::memset(at, 0, CMSG_SPACE(sizeof content));
        std::memcpy(at, &control, sizeof control);
        std::memcpy(at + CMSG_LEN(0), &content, sizeof content);
        length_ += CMSG_SPACE(sizeof content);
    }
    std::size_t length() const noexcept { return length_; }

  private:
    ControlBuffer& buffer_;
    std::size_t length_ = 0;
};

in_pktinfo ipv4_info(const PacketInfo& info) noexcept {
    // It may be written as an IPv6 address.
    const Address from = v4_unmapped({.family = Family::ipv6, .ip = info.ip});
    const auto& ip = from.family == Family::ipv4 ? from.ip : info.ip;
    in_pktinfo ipv4 = {};
    ipv4.ipi_ifindex = static_cast<int>(info.interface_index);
    std::memcpy(&ipv4.ipi_spec_dst, ip.data(), sizeof ipv4.ipi_spec_dst);
    return ipv4;
}

in6_pktinfo ipv6_info(const PacketInfo& info) noexcept {
    in6_pktinfo ipv6 = {};
    ipv6.ipi6_ifindex = info.interface_index;
    std::memcpy(&ipv6.ipi6_addr, info.ip.data(), sizeof ipv6.ipi6_addr);
    return ipv6;
}

// Nothing: the error is none of ICMP.
std::optional<IcmpReport> report_of(const sock_extended_err& error) noexcept {
    IcmpReport report = {.type = error.ee_type, .code = error.ee_code};
    bool is_too_long = false;
    switch (error.ee_origin) {
        case SO_EE_ORIGIN_ICMP:
            is_too_long = error.ee_type == ICMP_DEST_UNREACH && error.ee_code == ICMP_FRAG_NEEDED;
            break;
        case SO_EE_ORIGIN_ICMP6:
            report.family = Family::ipv6;
            is_too_long = error.ee_type == ICMP6_PACKET_TOO_BIG;
            break;
        default:
            return std::nullopt;
    }
    report.mtu = is_too_long ? error.ee_info : 0;
    return report;
}

}  // namespace

void report_destinations(int fd, Family family) noexcept {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    if (family == Family::ipv6) {
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    }
}

void read_control(const msghdr& message, Family family, ReceivedDatagram& datagram) noexcept {
    for_each_control(message, [&](const cmsghdr& control) { read_one(control, family, datagram); });
}

void put_control(const DatagramHeader& header,
                 Family family,
                 ControlBuffer& buffer,
                 msghdr& message) noexcept {
    const bool ipv4 = family == Family::ipv4;
    ControlWriter writer(buffer);
    if (header.packet_info && ipv4) {
        writer.put(IPPROTO_IP, IP_PKTINFO, ipv4_info(*header.packet_info));
    } else if (header.packet_info) {
        writer.put(IPPROTO_IPV6, IPV6_PKTINFO, ipv6_info(*header.packet_info));
    }
    if (header.hop_limit) {
        writer.put(ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
                   ipv4 ? IP_TTL : IPV6_HOPLIMIT,
                   int{*header.hop_limit});
    }
    if (header.traffic_class) {
        writer.put(ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
                   ipv4 ? IP_TOS : IPV6_TCLASS,
                   int{*header.traffic_class});
    }
    if (header.segment_size) {
        writer.put(IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(*header.segment_size));
    }
    if (writer.length() != 0) {
        message.msg_control = buffer.bytes.data();
        message.msg_controllen = writer.length();
    }
}

std::optional<IcmpReport> icmp_report_in(const msghdr& message) noexcept {
    std::optional<IcmpReport> report;
    for_each_control(message, [&](const cmsghdr& control) {
        if (is(control, IPPROTO_IP, IP_RECVERR) || is(control, IPPROTO_IPV6, IPV6_RECVERR)) {
            report = report_of(content_of<sock_extended_err>(control));
        }
    });
    return report;
}

}  // namespace owsk::net
