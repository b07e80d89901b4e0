// SPDX-License-Identifier: MIT
// UdpEndpoint: a UDP socket of a simulated computer.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/claim.h"
#include "net/datagram_port.h"
#include "net/sim/computer.h"

namespace owsk::net {

class UdpEndpoint;

class UdpEndpointWatcher {
  public:
    // Both from an event of the network. The endpoint may be used, but not destroyed.

    // receive() has something.
    virtual void on_datagram(UdpEndpoint& endpoint) noexcept = 0;
    // A datagram that it has sent came to a port that nobody has.
    virtual void on_error(UdpEndpoint& endpoint, const IcmpError& error) noexcept {
        static_cast<void>(endpoint);
        static_cast<void>(error);
    }

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
    NTSTATUS bind(const Address& address, const DatagramPortOptions& options = {});
    // The port is free again, and nothing arrives any more.
    void unbind() noexcept;
    const Address& local() const noexcept { return local_; }
    // What it claims. Precondition: it is bound.
    const Claim& claim() const noexcept { return *claim_; }
    void share_port(bool share) noexcept { shares_port_ = share; }
    bool shares_port() const noexcept { return shares_port_; }

    // Fails with STATUS_INVALID_DEVICE_STATE before bind(), STATUS_INVALID_BUFFER_SIZE above 65507
    // bytes (IPv4) or 65487, STATUS_INVALID_PARAMETER for the other family,
    // STATUS_INVALID_ADDRESS_COMPONENT for port 0 or the wildcard, and STATUS_NETWORK_UNREACHABLE
    // without an address to send from.
    NTSTATUS send_to(const Address& to, std::string_view payload);
    // Likewise. Without a source the datagram gets one; one that is not this computer's is refused
    // with STATUS_INVALID_ADDRESS_COMPONENT. One that may not be fragmented has to fit.
    // `loops_back`: members of the group on this computer get it as well.
    NTSTATUS send(UdpDatagram datagram, bool loops_back);

    // The datagrams that wait, oldest first. The destination is the address that was meant.
    const std::deque<UdpDatagram>& waiting() const noexcept { return waiting_; }
    // Precondition: one waits.
    UdpDatagram receive();

    // Fails with STATUS_ADDRESS_ALREADY_EXISTS for a member, and STATUS_INVALID_PARAMETER for what
    // is no group.
    NTSTATUS join(const Address& group);
    // Fails with STATUS_INVALID_ADDRESS_COMPONENT for one that is no member.
    NTSTATUS leave(const Address& group);
    // Whether it gets what is sent to all, or to this group.
    bool hears(const Address& destination) const noexcept;

    // What would exceed this is dropped, and counted.
    void set_receive_buffer(std::size_t bytes) noexcept { receive_buffer_ = bytes; }
    std::size_t receive_buffer() const noexcept { return receive_buffer_; }
    std::size_t dropped() const noexcept { return dropped_; }

    void set_watcher(UdpEndpointWatcher* watcher) noexcept { watcher_ = watcher; }

  private:
    friend class UdpStack;

    void arrive(UdpDatagram& datagram) noexcept;
    void arrive(const IcmpError& error) noexcept;
    NTSTATUS choose_source(UdpDatagram& datagram) const noexcept;

    Computer& computer_;
    Address local_;
    std::optional<Claim> claim_;  // once it is bound
    bool v6_only_ = true;
    bool shares_port_ = false;
    std::vector<Address> groups_;  // without ports
    std::deque<UdpDatagram> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::size_t receive_buffer_ = 208 * 1024;
    std::size_t dropped_ = 0;
    UdpEndpointWatcher* watcher_ = nullptr;
};

}  // namespace owsk::net
