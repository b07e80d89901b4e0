// SPDX-License-Identifier: MIT
// The options that a socket has by Linux's names. Connections inherit all of them from the socket
// that listens.
#pragma once

#include "net/network.h"

namespace owsk::net {

Result<std::uint32_t> get_socket_option(int fd, SocketOption option) noexcept;
NTSTATUS set_socket_option(int fd, SocketOption option, std::uint32_t value) noexcept;
// Each of them, as far as Linux takes it.
void set_socket_options(int fd, const OptionValues& values) noexcept;

// Makes the coming close(2) send RST and forget what is unsent.
void reset_on_close(int fd) noexcept;

}  // namespace owsk::net
