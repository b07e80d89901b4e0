// SPDX-License-Identifier: MIT
// IPv4 addresses to text and back. Ports are in network byte order, as the documentation says.
#include <ip2string.h>

#include "nt/rtl/ip_parse.h"
#include "nt/rtl/ip_string.h"

namespace owsk::nt::rtl {

namespace {

const std::uint8_t* octets_of(const in_addr* address) noexcept {
    return reinterpret_cast<const std::uint8_t*>(address);
}
std::uint8_t* octets_of(in_addr* address) noexcept {
    return reinterpret_cast<std::uint8_t*>(address);
}

template <typename Char>
Char* to_text(const in_addr* address, Char* text) noexcept {
    IpText formatted;
    put_ipv4(formatted, octets_of(address));
    return store_terminated(formatted, text);
}

template <typename Char>
NTSTATUS to_text_with_port(const in_addr* address,
                           USHORT port,
                           Char* text,
                           ULONG* length) noexcept {
    if (address == nullptr || text == nullptr || length == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    IpText formatted;
    put_ipv4(formatted, octets_of(address));
    if (port != 0) {
        formatted.put(':');
        formatted.put_decimal(swapped(port));
    }
    return store_counted(formatted, text, length);
}

template <typename Char>
NTSTATUS from_text(const Char* text,
                   bool strict,
                   const Char** terminator,
                   in_addr* address) noexcept {
    IpReader<Char> reader(text);
    const bool valid = reader.read_ipv4(strict, octets_of(address));
    *terminator = reader.position();
    return valid ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

template <typename Char>
NTSTATUS from_text_with_port(const Char* text,
                             bool strict,
                             in_addr* address,
                             USHORT* port) noexcept {
    if (text == nullptr || address == nullptr || port == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    IpReader<Char> reader(text);
    std::uint16_t port_read = 0;
    if (!reader.read_ipv4(strict, octets_of(address)) ||
        (reader.skip(':') && !reader.read_port(port_read)) || !reader.at_end()) {
        return STATUS_INVALID_PARAMETER;
    }
    *port = port_read;
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" PSTR NTAPI RtlIpv4AddressToStringA(const struct in_addr* Addr, PSTR S) {
    return to_text(Addr, S);
}

extern "C" PWSTR NTAPI RtlIpv4AddressToStringW(const struct in_addr* Addr, PWSTR S) {
    return to_text(Addr, S);
}

extern "C" NTSTATUS NTAPI RtlIpv4AddressToStringExA(const struct in_addr* Address,
                                                    USHORT Port,
                                                    PSTR AddressString,
                                                    PULONG AddressStringLength) {
    return to_text_with_port(Address, Port, AddressString, AddressStringLength);
}

extern "C" NTSTATUS NTAPI RtlIpv4AddressToStringExW(const struct in_addr* Address,
                                                    USHORT Port,
                                                    PWSTR AddressString,
                                                    PULONG AddressStringLength) {
    return to_text_with_port(Address, Port, AddressString, AddressStringLength);
}

extern "C" NTSTATUS NTAPI RtlIpv4StringToAddressA(PCSTR S,
                                                  BOOLEAN Strict,
                                                  PCSTR* Terminator,
                                                  struct in_addr* Addr) {
    return from_text(S, Strict != FALSE, Terminator, Addr);
}

extern "C" NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR S,
                                                  BOOLEAN Strict,
                                                  PCWSTR* Terminator,
                                                  struct in_addr* Addr) {
    return from_text(S, Strict != FALSE, Terminator, Addr);
}

extern "C" NTSTATUS NTAPI RtlIpv4StringToAddressExA(PCSTR AddressString,
                                                    BOOLEAN Strict,
                                                    struct in_addr* Address,
                                                    PUSHORT Port) {
    return from_text_with_port(AddressString, Strict != FALSE, Address, Port);
}

extern "C" NTSTATUS NTAPI RtlIpv4StringToAddressExW(PCWSTR AddressString,
                                                    BOOLEAN Strict,
                                                    struct in_addr* Address,
                                                    PUSHORT Port) {
    return from_text_with_port(AddressString, Strict != FALSE, Address, Port);
}

}  // namespace owsk::nt::rtl
