// SPDX-License-Identifier: MIT
// Stream: a stream socket of a scenario's driver, which listens or connects.
#pragma once

#include <wsk.h>

#include <cstdint>
#include <deque>
#include <string>

#include "simulation/driver/buffer.h"
#include "simulation/driver/connection.h"
#include "simulation/driver/socket.h"

namespace owsk::scenarios {

class Stream final : public DriverSocket {
  public:
    explicit Stream(Server& server);
    ~Stream();

    // WskSocket, and WskBind to the port. On a thread of the machine.
    void open(std::uint16_t port);
    // The port that open() has bound.
    std::uint16_t port() const { return port_; }

    // Null if the socket is being closed. The buffers live until the completion.
    CallRef listen();
    CallRef connect(const std::string& ip, std::uint16_t port);
    CallRef send(const BufferRef& buffer);
    CallRef receive(const BufferRef& buffer, ULONG flags);
    CallRef disconnect();
    // Keeps so many WskAccepts queued until the socket closes. What they bring is echoed.
    void keep_accepting(unsigned count);

    void close_connections();
    void wait_connections_closed();

  private:
    const WSK_PROVIDER_STREAM_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_STREAM_DISPATCH*>(api()->Dispatch);
    }

    std::uint16_t port_ = 0;
    std::deque<Connection*> connections_;  // all that were accepted
};

}  // namespace owsk::scenarios
