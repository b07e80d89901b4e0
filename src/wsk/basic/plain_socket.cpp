// SPDX-License-Identifier: MIT
#include "wsk/basic/plain_socket.h"

#include "wsk/socket/functions.h"

namespace owsk::wsk {

namespace {

// Those of all categories, and no others.
class PlainControls final : public Controls {
  public:
    using Controls::Controls;
};

}  // namespace

PlainSocket::PlainSocket(SocketClient& client, host::Processor& processor) noexcept
    : Socket(client, Category::basic, &basic_functions, processor) {}

Answer PlainSocket::control(const ControlCall& call) noexcept {
    return PlainControls(*this).answer(call);
}

}  // namespace owsk::wsk
