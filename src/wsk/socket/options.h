// SPDX-License-Identifier: MIT
// TransportOptions: the options that a listener passes on to the sockets it accepts. A value that
// was never set is the transport's own.
#pragma once

#include <wsk.h>

#include <array>
#include <optional>

#include "net/network.h"

namespace owsk::wsk {

// SO_KEEPALIVE and the like, as net knows them; nothing if (level, option) is none of these.
std::optional<net::SocketOption> transport_option(ULONG level, ULONG option) noexcept;

class TransportOptions {
  public:
    void remember(net::SocketOption option, ULONG value) noexcept { slot(option) = value; }
    std::optional<ULONG> value(net::SocketOption option) const noexcept {
        return values_[static_cast<std::size_t>(option)];
    }

    // Sets every remembered value on a new transport object.
    template <typename Transport>
    void apply_to(Transport& transport) const noexcept {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (values_[i].has_value()) {
                static_cast<void>(
                    transport.set_option(static_cast<net::SocketOption>(i), *values_[i]));
            }
        }
    }

  private:
    std::optional<ULONG>& slot(net::SocketOption option) noexcept {
        return values_[static_cast<std::size_t>(option)];
    }

    std::array<std::optional<ULONG>, 4> values_;
};

}  // namespace owsk::wsk
