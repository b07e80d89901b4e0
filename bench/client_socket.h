// SPDX-License-Identifier: MIT
// A blocking connection to the server that is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace bench {

// Refused, reset, or ended by the server before it should have been.
struct ConnectionLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Errors are ConnectionLost, all others std::system_error.
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

    // What can be done without waiting: the number of bytes, 0 for none.
    std::size_t send_some(std::span<const std::byte> data);
    std::size_t receive_some(std::span<std::byte> data);

  private:
    std::size_t receive_now(std::span<std::byte> data, int flags);

    int descriptor_ = -1;
};

}  // namespace bench
