// SPDX-License-Identifier: MIT
// A blocking connection to the server that is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bench {

// Errors are std::system_error.
class ClientSocket {
  public:
    // No connection.
    ClientSocket() = default;

    // Each connection comes from another address of 127/8 than the last one: a closed connection
    // keeps its port for a minute (TIME_WAIT), and there are only some 28000 ports for one address.
    explicit ClientSocket(uint16_t server_port);

    ClientSocket(ClientSocket&& other) noexcept;
    ClientSocket& operator=(ClientSocket&& other) noexcept;
    ~ClientSocket();

    int descriptor() const { return descriptor_; }
    void set_no_delay();

    void send(std::span<const std::byte> data);
    // Waits until `data` is full.
    void receive(std::span<std::byte> data);

  private:
    int descriptor_ = -1;
};

}  // namespace bench
