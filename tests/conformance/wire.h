// SPDX-License-Identifier: MIT
// Wire: one TCP connection of a client that is no driver, as a transport makes it. No Windows
// header here: both worlds have names like AF_INET6, with different values.
#pragma once

#include <cstddef>
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

// What TcpClient promises, once.
class Wire {
  public:
    Wire() = default;
    // As close().
    virtual ~Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // `receive_buffer` in bytes; 0: what is usual.
    virtual bool start_connect(const Endpoint& to, const Endpoint& from, int receive_buffer) = 0;
    virtual bool finish_connect() = 0;

    virtual Endpoint local() const = 0;
    virtual Endpoint remote() const = 0;

    virtual bool send(const std::string& data) = 0;
    virtual bool wait_until_arrived() const = 0;
    virtual std::string receive(std::size_t length) = 0;
    virtual bool saw_reset() = 0;
    virtual bool saw_end() = 0;
    virtual bool saw_reset_after_end() = 0;

    virtual void shutdown_send() = 0;
    virtual void reset() = 0;
    virtual void close() = 0;
};

}  // namespace owsk::conformance
