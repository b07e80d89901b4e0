// SPDX-License-Identifier: MIT
// Reading and writing control data.
#include "wsk/datagram/control_data.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "net/flow.h"

namespace owsk::wsk {

namespace {

constexpr INT byte_max = 0xFF;
constexpr INT ecn_bits = 0x3;

// One object.
struct Object {
    INT level;
    INT type;
    std::span<const std::byte> data;

    // Nothing if it is not as long as that.
    template <typename T>
    std::optional<T> as() const noexcept {
        if (data.size() < sizeof(T)) {
            return std::nullopt;
        }
        T value;
        std::memcpy(&value, data.data(), sizeof value);
        return value;
    }
};

class Parser {
  public:
    explicit Parser(Family family) noexcept : family_(family) {}

    NTSTATUS take(const Object& object) noexcept {
        switch (object.level) {
            case IPPROTO_IP:
                return take_ipv4(object);
            case IPPROTO_IPV6:
                return family_ == Family::ipv6 ? take_ipv6(object) : STATUS_NOT_SUPPORTED;
            case IPPROTO_UDP:
                return take_udp(object);
            default:
                return STATUS_NOT_SUPPORTED;
        }
    }
    net::DatagramHeader header() const noexcept {
        net::DatagramHeader header = header_;
        if (ecn_ != no_ecn) {
            header.traffic_class =
                static_cast<std::uint8_t>((header_.traffic_class.value_or(0) & ~ecn_bits) | ecn_);
        }
        return header;
    }

  private:
    NTSTATUS take_ipv4(const Object& object) noexcept {
        switch (object.type) {
            case IP_PKTINFO: {
                const auto info = object.as<IN_PKTINFO>();
                if (!info.has_value()) {
                    return STATUS_INVALID_PARAMETER;
                }
                take_ipv4_address(*info);
                return STATUS_SUCCESS;
            }
            case IP_HOPLIMIT:
            case IP_TTL:
                return take_number(object, byte_max, header_.hop_limit);
            case IP_TOS:
            case IP_TCLASS:
                return take_number(object, byte_max, header_.traffic_class);
            case IP_ECN:
                return take_number(object, ecn_bits, ecn_);
            default:
                return STATUS_NOT_SUPPORTED;
        }
    }
    NTSTATUS take_ipv6(const Object& object) noexcept {
        switch (object.type) {
            case IPV6_PKTINFO: {
                const auto info = object.as<IN6_PKTINFO>();
                if (!info.has_value()) {
                    return STATUS_INVALID_PARAMETER;
                }
                header_.packet_info = net::PacketInfo{{}, info->ipi6_ifindex};
                std::memcpy(header_.packet_info->ip.data(), &info->ipi6_addr, sizeof(IN6_ADDR));
                return STATUS_SUCCESS;
            }
            case IPV6_HOPLIMIT:
                return take_number(object, byte_max, header_.hop_limit);
            case IPV6_TCLASS:
                return take_number(object, byte_max, header_.traffic_class);
            case IPV6_ECN:
                return take_number(object, ecn_bits, ecn_);
            default:
                return STATUS_NOT_SUPPORTED;
        }
    }
    NTSTATUS take_udp(const Object& object) noexcept {
        if (object.type != UDP_SEND_MSG_SIZE) {
            return STATUS_NOT_SUPPORTED;
        }
        const auto size = object.as<DWORD>();
        if (!size.has_value()) {
            return STATUS_INVALID_PARAMETER;
        }
        header_.segment_size = *size;
        return STATUS_SUCCESS;
    }
    void take_ipv4_address(const IN_PKTINFO& info) noexcept {
        Address from;
        std::memcpy(from.ip.data(), &info.ipi_addr, sizeof info.ipi_addr);
        const bool is_mapped = family_ == Family::ipv6 && !from.is_wildcard();
        header_.packet_info =
            net::PacketInfo{(is_mapped ? net::v4_mapped(from) : from).ip, info.ipi_ifindex};
    }
    template <typename Number>
    static NTSTATUS take_number(const Object& object, INT maximum, Number& out) noexcept {
        const auto value = object.as<INT>();
        if (!value.has_value() || *value < 0 || *value > maximum) {
            return STATUS_INVALID_PARAMETER;
        }
        out = static_cast<std::uint8_t>(*value);
        return STATUS_SUCCESS;
    }

    static constexpr INT no_ecn = -1;

    const Family family_;
    net::DatagramHeader header_;
    INT ecn_ = no_ecn;
};

class Writer {
  public:
    explicit Writer(std::span<std::byte> room) noexcept : room_(room) {}

    template <typename T>
    void write(INT level, INT type, const T& value) noexcept {
        if (room_.size() < CMSG_LEN(sizeof value)) {
            written_.is_truncated = true;
            return;
        }
        CMSGHDR header = {};
        header.cmsg_len = CMSG_LEN(sizeof value);
        header.cmsg_level = level;
        header.cmsg_type = type;
        // The last one needs no padding.
        const std::size_t space = std::min<std::size_t>(CMSG_SPACE(sizeof value), room_.size());
        std::memset(room_.data(), 0, space);
        std::memcpy(room_.data(), &header, sizeof header);
        std::memcpy(room_.data() + CMSGDATA_ALIGN(sizeof header), &value, sizeof value);
        written_.length += static_cast<ULONG>(space);
        room_ = room_.subspan(space);
    }
    const WrittenControl& written() const noexcept { return written_; }

  private:
    std::span<std::byte> room_;
    WrittenControl written_;
};

void write_packet_info(Writer& writer, const net::PacketInfo& info, bool is_ipv4) noexcept {
    if (!is_ipv4) {
        IN6_PKTINFO out = {};
        std::memcpy(&out.ipi6_addr, info.ip.data(), sizeof out.ipi6_addr);
        out.ipi6_ifindex = info.interface_index;
        writer.write(IPPROTO_IPV6, IPV6_PKTINFO, out);
        return;
    }
    IN_PKTINFO out = {};
    const Address from = net::v4_unmapped({.family = Family::ipv6, .ip = info.ip});
    std::memcpy(&out.ipi_addr, from.ip.data(), sizeof out.ipi_addr);
    out.ipi_ifindex = info.interface_index;
    writer.write(IPPROTO_IP, IP_PKTINFO, out);
}

void write_error(Writer& writer, const net::IcmpReport& report) noexcept {
    const bool is_ipv4 = report.family == Family::ipv4;
    IN_RECVERR out = {};
    out.protocol = is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    out.info = report.mtu;
    out.type = report.type;
    out.code = report.code;
    writer.write(is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, is_ipv4 ? IP_RECVERR : IPV6_RECVERR, out);
}

}  // namespace

Result<net::DatagramHeader> parse_control(Family family,
                                          const CMSGHDR* control,
                                          ULONG length) noexcept {
    if (length != 0 && control == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    Parser parser(family);
    std::span<const std::byte> left = {reinterpret_cast<const std::byte*>(control), length};
    while (!left.empty()) {
        // Copied: the driver may have it where it pleases, also unaligned.
        CMSGHDR header;
        if (left.size() < sizeof header) {
            return STATUS_INVALID_PARAMETER;
        }
        std::memcpy(&header, left.data(), sizeof header);
        constexpr SIZE_T data_start = CMSGDATA_ALIGN(sizeof header);
        if (header.cmsg_len < data_start || header.cmsg_len > left.size()) {
            return STATUS_INVALID_PARAMETER;
        }
        const NTSTATUS status =
            parser.take({header.cmsg_level,
                         header.cmsg_type,
                         left.subspan(data_start, header.cmsg_len - data_start)});
        if (!NT_SUCCESS(status)) {
            return status;
        }
        left = left.subspan(std::min<SIZE_T>(CMSGHDR_ALIGN(header.cmsg_len), left.size()));
    }
    return parser.header();
}

WrittenControl write_control(const net::ReceivedDatagram& datagram,
                             const ControlWishes& wishes,
                             std::span<std::byte> room) noexcept {
    const net::DatagramHeader& header = datagram.header;
    const bool is_ipv4 = net::v4_unmapped(datagram.remote).family == Family::ipv4;
    const INT level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
    Writer writer(room);
    if (datagram.error.has_value()) {
        write_error(writer, *datagram.error);
        return writer.written();
    }
    if (wishes.packet_info && header.packet_info.has_value()) {
        write_packet_info(writer, *header.packet_info, is_ipv4);
    }
    if (wishes.hop_limit && header.hop_limit.has_value()) {
        // IP_HOPLIMIT is the name of the option alone.
        writer.write(level, is_ipv4 ? IP_TTL : IPV6_HOPLIMIT, INT{*header.hop_limit});
    }
    if (wishes.traffic_class && header.traffic_class.has_value()) {
        writer.write(level, is_ipv4 ? IP_TOS : IPV6_TCLASS, INT{*header.traffic_class});
    }
    if (wishes.ecn && header.traffic_class.has_value()) {
        writer.write(level, is_ipv4 ? IP_ECN : IPV6_ECN, *header.traffic_class & ecn_bits);
    }
    if (header.segment_size.has_value()) {
        writer.write(IPPROTO_UDP, UDP_COALESCED_INFO, DWORD{*header.segment_size});
    }
    return writer.written();
}

}  // namespace owsk::wsk
