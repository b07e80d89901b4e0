// SPDX-License-Identifier: MIT
// Caller: a socket with which a scenario's driver connects, from WskSocket to its connection.
#pragma once

#include <wsk.h>

#include <cstdint>
#include <string>

#include "simulation/driver/buffer.h"
#include "simulation/driver/socket.h"

namespace owsk::scenarios {

class Caller final : public DriverSocket {
  public:
    explicit Caller(Server& server);
    ~Caller();

    // WskSocket, and WskBind to the port. On a thread of the machine.
    void open(std::uint16_t port);
    // The port that open() has bound.
    std::uint16_t port() const { return port_; }

    // Null if the socket is being closed. The buffers live until the completion.
    CallRef connect(const std::string& ip, std::uint16_t port, Call::Then then);
    // The same by WskConnectEx, with the first bytes.
    CallRef connect_with(const std::string& ip,
                         std::uint16_t port,
                         const BufferRef& first,
                         Call::Then then);
    CallRef send(const BufferRef& buffer, Call::Then then);
    CallRef receive(const BufferRef& buffer, ULONG flags, Call::Then then);
    CallRef disconnect(Call::Then then);

  private:
    const WSK_PROVIDER_CONNECTION_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(api()->Dispatch);
    }

    std::uint16_t port_ = 0;
};

}  // namespace owsk::scenarios
