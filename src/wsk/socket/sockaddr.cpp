// SPDX-License-Identifier: MIT
// SOCKADDR to Address and back.
#include "wsk/socket/sockaddr.h"

#include <cstring>

#include "nt/mm/foreign.h"

namespace owsk::wsk {

std::optional<Family> family_of(ADDRESS_FAMILY family) noexcept {
    switch (family) {
        case AF_INET:
            return Family::ipv4;
        case AF_INET6:
            return Family::ipv6;
        default:
            return std::nullopt;
    }
}

void require_sockaddr(const SOCKADDR* address, const char* function) noexcept {
    if (address != nullptr) {
        nt::mm::require_memory(address, sizeof *address, "a SOCKADDR", function);
    }
}

Result<Address> address_for(Family family, const SOCKADDR* address, ULONG flags) noexcept {
    if (address == nullptr || flags != 0 || family_of(address->sa_family) != family) {
        return STATUS_INVALID_PARAMETER;
    }
    Address result;
    result.family = family;
    if (family == Family::ipv4) {
        SOCKADDR_IN in;
        std::memcpy(&in, address, sizeof in);
        result.port = RtlUshortByteSwap(in.sin_port);
        std::memcpy(result.ip.data(), &in.sin_addr, sizeof in.sin_addr);
    } else {
        SOCKADDR_IN6 in6;
        std::memcpy(&in6, address, sizeof in6);
        result.port = RtlUshortByteSwap(in6.sin6_port);
        std::memcpy(result.ip.data(), &in6.sin6_addr, sizeof in6.sin6_addr);
        result.flow_info = in6.sin6_flowinfo;
        result.scope_id = in6.sin6_scope_id;
    }
    return result;
}

bool is_whole(const SOCKADDR& address, SIZE_T size) noexcept {
    if (size < sizeof address.sa_family) {
        return false;
    }
    switch (address.sa_family) {
        case AF_INET:
            return size >= sizeof(SOCKADDR_IN);
        case AF_INET6:
            return size >= sizeof(SOCKADDR_IN6);
        default:
            return size >= sizeof(SOCKADDR);
    }
}

void write_sockaddr(const Address& address, PSOCKADDR out) noexcept {
    if (address.family == Family::ipv4) {
        SOCKADDR_IN in = {};
        in.sin_family = AF_INET;
        in.sin_port = RtlUshortByteSwap(address.port);
        std::memcpy(&in.sin_addr, address.ip.data(), sizeof in.sin_addr);
        std::memcpy(out, &in, sizeof in);
    } else {
        SOCKADDR_IN6 in6 = {};
        in6.sin6_family = AF_INET6;
        in6.sin6_port = RtlUshortByteSwap(address.port);
        in6.sin6_flowinfo = address.flow_info;
        std::memcpy(&in6.sin6_addr, address.ip.data(), sizeof in6.sin6_addr);
        in6.sin6_scope_id = address.scope_id;
        std::memcpy(out, &in6, sizeof in6);
    }
}

}  // namespace owsk::wsk
