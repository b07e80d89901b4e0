// SPDX-License-Identifier: MIT
// TcpClient: the other side of a connection, an ordinary Linux socket. No Windows header here or in
// client.cpp: both worlds have names like AF_INET6, with different values.
#pragma once

#include <cstdint>
#include <string>

namespace owsk::conformance {

struct Endpoint {
    std::string ip;  // "127.0.0.1" or "::1"
    std::uint16_t port = 0;

    bool is_v6() const { return ip.find(':') != std::string::npos; }
    bool operator==(const Endpoint&) const = default;
};

// Network byte order; an IPv4 address uses the first 4 bytes. False if `ip` is no address.
bool parse_ip(const std::string& ip, std::uint8_t (&bytes)[16]);
std::string format_ip(const std::uint8_t* bytes, bool is_v6);

// A port that is probably free, and that Linux does not give to sockets by itself. Not thread-safe.
std::uint16_t random_port();

// Every wait has a limit of 10 seconds, after which the answer is false or short.
class TcpClient {
  public:
    TcpClient() = default;
    ~TcpClient();
    TcpClient(TcpClient&& other) noexcept;
    TcpClient& operator=(TcpClient&& other) noexcept;

    // SO_RCVBUF of the connections to come.
    void set_receive_buffer(int bytes) { receive_buffer_ = bytes; }
    // Connects, from a chosen address if `from` has one. False if refused.
    bool connect(const Endpoint& to, const Endpoint& from = {});
    // The same in two steps: the first sends the request.
    bool start_connect(const Endpoint& to, const Endpoint& from = {});
    bool finish_connect();

    bool is_open() const { return fd_ >= 0; }
    Endpoint local() const;
    Endpoint remote() const;

    // Sends everything.
    bool send(const std::string& data);
    // Waits until the other side's system has everything that was sent.
    bool wait_until_arrived() const;
    // Waits until `length` bytes are here, or the connection has ended.
    std::string receive(std::size_t length);
    // Waits until the connection ends. Whether it was by a reset, or orderly.
    bool saw_reset();
    bool saw_end();
    // Whether the connection still stands and nothing has arrived, right now.
    bool is_quiet() const;

    void shutdown_send();
    void reset();
    void close();

  private:
    enum class End { none, orderly, reset };
    End wait_for_end();
    bool wait_for(short events) const;

    int fd_ = -1;
    int receive_buffer_ = 0;
    End end_ = End::none;
};

}  // namespace owsk::conformance
