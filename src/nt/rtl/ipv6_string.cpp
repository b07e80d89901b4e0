// SPDX-License-Identifier: MIT
// IPv6 addresses to text and back. Ports are in network byte order, scopes in host byte order: the
// documentation calls both network order, Windows prints the scope as it is.
#include <ip2string.h>

#include "nt/rtl/ip_parse.h"
#include "nt/rtl/ip_string.h"

namespace owsk::nt::rtl {

namespace {

const std::uint8_t* octets_of(const in6_addr* address) noexcept {
    return reinterpret_cast<const std::uint8_t*>(address);
}
std::uint8_t* octets_of(in6_addr* address) noexcept {
    return reinterpret_cast<std::uint8_t*>(address);
}

template <typename Char>
Char* to_text(const in6_addr* address, Char* text) noexcept {
    IpText formatted;
    put_ipv6(formatted, octets_of(address));
    return store_terminated(formatted, text);
}

template <typename Char>
NTSTATUS to_text_with_port(
    const in6_addr* address, ULONG scope, USHORT port, Char* text, ULONG* length) noexcept {
    if (address == nullptr || text == nullptr || length == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    IpText formatted;
    if (port != 0) {
        formatted.put('[');
    }
    put_ipv6(formatted, octets_of(address));
    if (scope != 0) {
        formatted.put('%');
        formatted.put_decimal(scope);
    }
    if (port != 0) {
        formatted.put("]:");
        formatted.put_decimal(swapped(port));
    }
    return store_counted(formatted, text, length);
}

template <typename Char>
NTSTATUS from_text(const Char* text, const Char** terminator, in6_addr* address) noexcept {
    IpReader<Char> reader(text);
    const bool valid = reader.read_ipv6(octets_of(address));
    *terminator = reader.position();
    return valid ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

template <typename Char>
NTSTATUS from_text_with_port(const Char* text,
                             in6_addr* address,
                             ULONG* scope,
                             USHORT* port) noexcept {
    if (text == nullptr || address == nullptr || scope == nullptr || port == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    IpReader<Char> reader(text);
    std::uint32_t scope_read = 0;
    std::uint16_t port_read = 0;
    const bool bracketed = reader.skip('[');
    if (!reader.read_ipv6(octets_of(address)) ||
        (reader.skip('%') && !reader.read_scope(scope_read))) {
        return STATUS_INVALID_PARAMETER;
    }
    if (bracketed && (!reader.skip(']') || (reader.skip(':') && !reader.read_port(port_read)))) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!reader.at_end()) {
        return STATUS_INVALID_PARAMETER;
    }
    *scope = scope_read;
    *port = port_read;
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" PSTR NTAPI RtlIpv6AddressToStringA(const struct in6_addr* Addr, PSTR S) {
    return to_text(Addr, S);
}

extern "C" PWSTR NTAPI RtlIpv6AddressToStringW(const struct in6_addr* Addr, PWSTR S) {
    return to_text(Addr, S);
}

extern "C" NTSTATUS NTAPI RtlIpv6AddressToStringExA(const struct in6_addr* Address,
                                                    ULONG ScopeId,
                                                    USHORT Port,
                                                    PSTR AddressString,
                                                    PULONG AddressStringLength) {
    return to_text_with_port(Address, ScopeId, Port, AddressString, AddressStringLength);
}

extern "C" NTSTATUS NTAPI RtlIpv6AddressToStringExW(const struct in6_addr* Address,
                                                    ULONG ScopeId,
                                                    USHORT Port,
                                                    PWSTR AddressString,
                                                    PULONG AddressStringLength) {
    return to_text_with_port(Address, ScopeId, Port, AddressString, AddressStringLength);
}

extern "C" NTSTATUS NTAPI RtlIpv6StringToAddressA(PCSTR S,
                                                  PCSTR* Terminator,
                                                  struct in6_addr* Addr) {
    return from_text(S, Terminator, Addr);
}

extern "C" NTSTATUS NTAPI RtlIpv6StringToAddressW(PCWSTR S,
                                                  PCWSTR* Terminator,
                                                  struct in6_addr* Addr) {
    return from_text(S, Terminator, Addr);
}

extern "C" NTSTATUS NTAPI RtlIpv6StringToAddressExA(PCSTR AddressString,
                                                    struct in6_addr* Address,
                                                    PULONG ScopeId,
                                                    PUSHORT Port) {
    return from_text_with_port(AddressString, Address, ScopeId, Port);
}

extern "C" NTSTATUS NTAPI RtlIpv6StringToAddressExW(PCWSTR AddressString,
                                                    struct in6_addr* Address,
                                                    PULONG ScopeId,
                                                    PUSHORT Port) {
    return from_text_with_port(AddressString, Address, ScopeId, Port);
}

}  // namespace owsk::nt::rtl
