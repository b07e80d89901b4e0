// SPDX-License-Identifier: MIT
#include "wsk/basic/plain_socket.h"

#include "wsk/socket/functions.h"

namespace owsk::wsk {

PlainSocket::PlainSocket(SocketClient& client, host::Processor& processor) noexcept
    : Socket(client, Category::basic, &basic_functions, processor) {}

}  // namespace owsk::wsk
