// SPDX-License-Identifier: MIT
#include "wsk/basic/plain_socket.h"

#include "wsk/socket/functions.h"

namespace owsk::wsk {

namespace {

// Those of all categories, and no others.
class PlainControls final : public Controls {
  public:
    PlainControls(Socket& socket, Family family) noexcept : Controls(socket), family_(family) {}

  private:
    Family family() noexcept override { return family_; }

    const Family family_;
};

}  // namespace

PlainSocket::PlainSocket(SocketClient& client, Family family, host::Processor& processor) noexcept
    : Socket(client, Category::basic, &basic_functions, processor), family_(family) {}

Answer PlainSocket::control(const ControlCall& call) noexcept {
    return PlainControls(*this, family_).answer(call);
}

}  // namespace owsk::wsk
