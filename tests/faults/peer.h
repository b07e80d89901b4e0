// SPDX-License-Identifier: MIT
// Peer: an ordinary Linux socket. No Windows header here or in peer.cpp: both worlds have names
// like AF_INET, with different values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace owsk {

class Peer {
  public:
    // Connects to 127.0.0.1, or does not: then nothing can be received.
    explicit Peer(std::uint16_t port);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // As much as the other side takes before it goes away.
    void send(const std::string& text) const;
    void finish() const;
    // Until `length` bytes are here or the connection has ended; nothing if neither comes in time.
    std::optional<std::string> receive(std::size_t length) const;
    // Waits until the connection ends.
    bool is_reset() const;

  private:
    const int fd_;
};

// A socket for datagrams.
class DatagramPeer {
  public:
    DatagramPeer();
    ~DatagramPeer();
    DatagramPeer(const DatagramPeer&) = delete;
    DatagramPeer& operator=(const DatagramPeer&) = delete;

    // Sends to 127.0.0.1, again and again, until an answer comes; nothing if none comes in time.
    std::optional<std::string> ask(std::uint16_t port, const std::string& text) const;

  private:
    const int fd_;
};

}  // namespace owsk
