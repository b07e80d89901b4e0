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
#include "net/datagram_port.h"
#include "wsk/datagram/control_data.h"

namespace owsk::wsk {

// The socket's lock guards it.
class PortOptions {
  public:
    explicit PortOptions(Family family) noexcept : family_(family) {}

    // `port` is null as long as there is none. STATUS_NOT_SUPPORTED for other options.
    NTSTATUS set(ULONG level, ULONG option, ULONG value, net::DatagramPort* port) noexcept;
    Result<ULONG> get(ULONG level, ULONG option, net::DatagramPort* port) const noexcept;
    // The port that was just made gets what was set before. What it does not know is left out.
    void hand_on(net::DatagramPort& port) const noexcept;

    const ControlWishes& wishes() const noexcept { return wishes_; }

  private:
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
