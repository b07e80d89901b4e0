// SPDX-License-Identifier: MIT
// The options of a transport by the names that Windows has for them. A listener passes them on to
// the sockets it accepts.
#pragma once

#include <wsk.h>

#include <optional>

#include "net/option_values.h"

namespace owsk::wsk {

// SO_KEEPALIVE and the like, as net knows them; nothing if (level, option) is none of these.
std::optional<net::SocketOption> transport_option(ULONG level, ULONG option) noexcept;

// Whether a socket of IPv6 leaves IPv4 alone; to be said before the bind.
constexpr bool is_v6_only(ULONG level, ULONG option) noexcept {
    return level == IPPROTO_IPV6 && option == IPV6_V6ONLY;
}

// Whether Windows takes the value for the option.
bool may_be(net::SocketOption option, ULONG value) noexcept;

}  // namespace owsk::wsk
