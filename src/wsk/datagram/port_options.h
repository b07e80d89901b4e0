// SPDX-License-Identifier: MIT
// PortOptions: the options that a datagram socket has in its port, by the names of Windows. They
// may be set before there is a port, which gets them when it is made.
#pragma once

#include <wsk.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "net/network.h"
#include "wsk/datagram/control_data.h"

namespace owsk::wsk {

// The socket's lock guards it.
class PortOptions {
  public:
    explicit PortOptions(Family family) noexcept : family_(family) {}

    // `port` is null as long as there is none. STATUS_NOT_SUPPORTED for other options.
    NTSTATUS set(ULONG level, ULONG option, ULONG value, net::DatagramPort* port) noexcept;
    // What nobody has set is the port's own or, as long as there is none, that of a port to come.
    Result<ULONG> get(ULONG level,
                      ULONG option,
                      net::DatagramPort* port,
                      net::Network& network) const noexcept;
    // The port that was just made gets what was set before. The status of what it refuses.
    NTSTATUS hand_on(net::DatagramPort& port) const noexcept;

    const ControlWishes& wishes() const noexcept { return wishes_; }

  private:
    Result<std::uint32_t> number(net::DatagramOption option,
                                 net::DatagramPort* port,
                                 net::Network& network) const noexcept;
    NTSTATUS set_number(net::DatagramOption option,
                        std::uint32_t value,
                        net::DatagramPort* port) noexcept;
    // Those that say what control data there is.
    std::optional<NTSTATUS> set_wish(ULONG level,
                                     ULONG option,
                                     ULONG value,
                                     net::DatagramPort* port) noexcept;

    const Family family_;
    ControlWishes wishes_;
    std::array<std::optional<std::uint32_t>, net::datagram_option_count> values_;
};

// IP_ADD_MEMBERSHIP and the like: joins or leaves a group. Nothing if it is another option.
std::optional<NTSTATUS> change_membership(Family family,
                                          ULONG level,
                                          ULONG option,
                                          std::span<const std::byte> value,
                                          net::DatagramPort* port) noexcept;

}  // namespace owsk::wsk
