// SPDX-License-Identifier: MIT
// ConnectionTable: the kernel's own table of TCP connections, asked for one of them.
#pragma once

#include <openwsk/address.h>

#include <cstdint>

#include "host/linux/unique_fd.h"

namespace owsk::net {

enum class Presence : std::uint8_t {
    connected,
    unsettled,  // on its way to become a connection, or over and remembered (TIME-WAIT)
    absent,
    unknown,  // the kernel does not say
};

class ConnectionTable {
  public:
    // Nothing is opened before the first question.
    ConnectionTable() noexcept = default;

    // Precondition: somebody listens for `local`. `interface`: the way to `remote`; 0: any. It
    // takes some microseconds and does not wait. One thread at a time.
    Presence look_up(const Address& local, const Address& remote, std::uint32_t interface) noexcept;

  private:
    host::UniqueFd socket_;
};

}  // namespace owsk::net
