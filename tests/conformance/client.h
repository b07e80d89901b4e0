// SPDX-License-Identifier: MIT
// TcpClient: the other side of a connection, an ordinary program on the network under test.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "conformance/wire.h"

namespace owsk::conformance {

// Every wait has the limit of the transport, after which the answer is false or short.
class TcpClient {
  public:
    // On the transport of the running test.
    TcpClient();

    // Of the connections to come, in bytes.
    void set_receive_buffer(int bytes) { receive_buffer_ = bytes; }
    // Connects, from a chosen address if `from` has one. False if refused.
    bool connect(const Endpoint& to, const Endpoint& from = {}) {
        return start_connect(to, from) && finish_connect();
    }
    // The same in two steps: the first sends the request.
    bool start_connect(const Endpoint& to, const Endpoint& from = {}) {
        return wire_->start_connect(to, from, receive_buffer_);
    }
    bool finish_connect() { return wire_->finish_connect(); }

    Endpoint local() const { return wire_->local(); }
    Endpoint remote() const { return wire_->remote(); }

    // Sends everything. False if the other side has reset the connection.
    bool send(const std::string& data) { return wire_->send(data); }
    // Waits until the other side's system has everything that was sent.
    bool wait_until_arrived() const { return wire_->wait_until_arrived(); }
    // Waits until `length` bytes are here, or the connection has ended. Nothing is read but by
    // this.
    std::string receive(std::size_t length) { return wire_->receive(length); }
    // Waits until the connection ends. Whether it was by a reset, or orderly.
    bool saw_reset() { return wire_->saw_reset(); }
    bool saw_end() { return wire_->saw_end(); }
    // Waits for both, of a side that has finished sending and is reset afterwards.
    bool saw_reset_after_end() { return wire_->saw_reset_after_end(); }

    void shutdown_send() { wire_->shutdown_send(); }
    void reset() { wire_->reset(); }
    // What a process does that ends.
    void close() { wire_->close(); }

  private:
    std::unique_ptr<Wire> wire_;
    int receive_buffer_ = 0;
};

}  // namespace owsk::conformance
