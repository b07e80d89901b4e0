// SPDX-License-Identifier: MIT
// SOCKADDR, as drivers write it, to Address and back. The only place where the two meet.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>
#include <wsk.h>

#include <optional>

#include "base/result.h"

namespace owsk::wsk {

// What a driver calls a family, as ours; nothing for families that WSK does not have here.
std::optional<Family> family_of(ADDRESS_FAMILY family) noexcept;

// A SOCKADDR that `function` was given leads to memory, if it is not NULL.
void require_sockaddr(const SOCKADDR* address, const char* function) noexcept;

// What a call on a socket of `family` was given. STATUS_INVALID_PARAMETER for NULL, for another
// family, and if there are flags: no call that takes an address has any.
Result<Address> address_for(Family family, const SOCKADDR* address, ULONG flags) noexcept;

// Whether `size` bytes hold the whole address, as its family says.
bool is_whole(const SOCKADDR& address, SIZE_T size) noexcept;

// Writes a SOCKADDR_IN or SOCKADDR_IN6, as the address's family says.
void write_sockaddr(const Address& address, PSOCKADDR out) noexcept;

// A SOCKADDR that lives as long as a callback.
class SockaddrCopy {
  public:
    explicit SockaddrCopy(const Address& address) noexcept {
        write_sockaddr(address, reinterpret_cast<PSOCKADDR>(&storage_));
    }
    PSOCKADDR get() noexcept { return reinterpret_cast<PSOCKADDR>(&storage_); }

  private:
    SOCKADDR_STORAGE storage_ = {};
};

}  // namespace owsk::wsk
