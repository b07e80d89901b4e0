// SPDX-License-Identifier: MIT
// A SOCKET_ADDRESS_LIST is one piece of memory: the list, then the addresses that it points to.
#include "wsk/socket/address_list_control.h"

#include <vector>

#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

constexpr SIZE_T size_of_sockaddr(Family family) noexcept {
    return family == Family::ipv4 ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);
}

// `out` may lie anywhere, also unaligned.
void write_list(const std::vector<Address>& addresses, Family family, std::byte* out) noexcept {
    const SIZE_T size = size_of_sockaddr(family);
    const INT count = static_cast<INT>(addresses.size());
    std::memcpy(out, &count, sizeof count);
    std::byte* entry_at = out + SIZEOF_SOCKET_ADDRESS_LIST(0);
    std::byte* address_at = out + SIZEOF_SOCKET_ADDRESS_LIST(addresses.size());
    for (const Address& address : addresses) {
        SockaddrCopy copy(address);
        std::memcpy(address_at, copy.get(), size);
        const SOCKET_ADDRESS entry = {reinterpret_cast<LPSOCKADDR>(address_at),
                                      static_cast<INT>(size)};
        std::memcpy(entry_at, &entry, sizeof entry);
        entry_at += sizeof entry;
        address_at += size;
    }
}

}  // namespace

Answer query_addresses(Services& services, Family family, const ControlCall& call) noexcept {
    if (call.has_irp() || call.has_input() || call.output_size_returned == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    const Result<std::vector<Address>> addresses =
        services.network().address_list().addresses(family);
    if (!addresses) {
        return {addresses.status()};
    }
    const SIZE_T count = (*addresses).size();
    const SIZE_T size = SIZEOF_SOCKET_ADDRESS_LIST(count) + count * size_of_sockaddr(family);
    *call.output_size_returned = size;
    if (call.output == nullptr || call.output_size < size) {
        return {STATUS_BUFFER_OVERFLOW};
    }
    write_list(*addresses, family, static_cast<std::byte*>(call.output));
    return {STATUS_SUCCESS, size};
}

}  // namespace owsk::wsk
