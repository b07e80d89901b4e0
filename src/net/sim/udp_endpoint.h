// SPDX-License-Identifier: MIT
// UdpEndpoint: a UDP socket of a simulated computer.
#pragma once

#include <cstddef>
#include <deque>
#include <string_view>

#include "base/result.h"
#include "net/sim/computer.h"

namespace owsk::net {

class UdpEndpoint;

class UdpEndpointWatcher {
  public:
    // receive() has something. From an event of the network. The endpoint may be used, but not
    // destroyed.
    virtual void on_datagram(UdpEndpoint& endpoint) noexcept = 0;

  protected:
    ~UdpEndpointWatcher() = default;
};

class UdpEndpoint {
  public:
    // The computer outlives the endpoint.
    explicit UdpEndpoint(Computer& computer) noexcept : computer_(computer) {}
    ~UdpEndpoint();
    UdpEndpoint(const UdpEndpoint&) = delete;
    UdpEndpoint& operator=(const UdpEndpoint&) = delete;

    // Once. Fails with STATUS_ADDRESS_ALREADY_EXISTS and STATUS_INVALID_ADDRESS_COMPONENT.
    NTSTATUS bind(const Address& address);
    const Address& local() const noexcept { return local_; }

    // Fails with STATUS_INVALID_DEVICE_STATE before bind(), STATUS_INVALID_BUFFER_SIZE above 65507
    // bytes (IPv4) or 65487, STATUS_INVALID_PARAMETER for the other family, and
    // STATUS_NETWORK_UNREACHABLE without an address to send from.
    NTSTATUS send_to(const Address& to, std::string_view payload);

    // The datagrams that wait, oldest first. The destination is the address that was meant.
    const std::deque<UdpDatagram>& waiting() const noexcept { return waiting_; }
    // Precondition: one waits.
    UdpDatagram receive();

    // What would exceed this is dropped, and counted.
    void set_receive_buffer(std::size_t bytes) noexcept { receive_buffer_ = bytes; }
    std::size_t dropped() const noexcept { return dropped_; }

    void set_watcher(UdpEndpointWatcher* watcher) noexcept { watcher_ = watcher; }

  private:
    friend class UdpStack;

    void arrive(UdpDatagram& datagram) noexcept;

    Computer& computer_;
    Address local_;
    bool is_bound_ = false;
    std::deque<UdpDatagram> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::size_t receive_buffer_ = 208 * 1024;
    std::size_t dropped_ = 0;
    UdpEndpointWatcher* watcher_ = nullptr;
};

}  // namespace owsk::net
