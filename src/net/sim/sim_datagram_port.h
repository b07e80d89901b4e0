// SPDX-License-Identifier: MIT
// SimDatagramPort: a UDP port of a simulated computer, as the provider uses it. Only the thread
// that has the turn is here (host/sim/world.h), so nothing is locked.
#pragma once

#include <array>
#include <cstddef>
#include <deque>

#include "net/bound.h"
#include "net/datagram_port.h"
#include "net/sim/udp_endpoint.h"

namespace owsk::net {

class SimDatagramPort final : public DatagramPort, private UdpEndpointWatcher {
  public:
    explicit SimDatagramPort(Computer& computer) noexcept;
    // Once, before anything else.
    NTSTATUS bind(const Address& address, const DatagramPortOptions& options);

    const Address& local_address() const noexcept override { return endpoint_.local(); }
    void allow_port_sharing(bool allow) noexcept override { endpoint_.share_port(allow); }
    NTSTATUS start(host::Processor& processor, DatagramEvents& events) noexcept override;

    Transfer receive(std::span<const Slice> slices, ReceivedDatagram& datagram) noexcept override;
    // Never without room.
    Transfer send(std::span<const Slice> slices,
                  const Address& remote,
                  const DatagramHeader& header) noexcept override;

    NTSTATUS set_option(DatagramOption option, std::uint32_t value) noexcept override;
    Result<std::uint32_t> get_option(DatagramOption option) noexcept override;
    NTSTATUS join_group(const Address& group, std::uint32_t interface_index) noexcept override;
    NTSTATUS leave_group(const Address& group, std::uint32_t interface_index) noexcept override;

    void close(host::Task& closed) noexcept override;

  private:
    void on_datagram(UdpEndpoint& endpoint) noexcept override;
    void on_error(UdpEndpoint& endpoint, const IcmpError& error) noexcept override;
    void become_readable() noexcept;
    void announce() noexcept;
    void end() noexcept;

    std::uint32_t& option(DatagramOption which) noexcept {
        return options_[static_cast<std::size_t>(which)];
    }
    Address shown(const Address& address) const noexcept;
    Transfer receive_error(std::span<const Slice> slices, ReceivedDatagram& datagram) noexcept;
    // Takes the oldest datagram, and those that may come together with it; `segment_size` then.
    UdpDatagram take(std::optional<std::uint32_t>& segment_size);
    void describe(const UdpDatagram& taken, ReceivedDatagram& datagram) noexcept;

    UdpEndpoint endpoint_;
    std::array<std::uint32_t, datagram_option_count> options_ = {};
    host::Processor* processor_ = nullptr;
    DatagramEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    std::deque<IcmpError> errors_;  // that receive() has not given yet
    bool readable_ = false;         // since the last announcement
    bool writable_ = false;
    BoundTask<SimDatagramPort, &SimDatagramPort::announce> announcement_{*this};
    BoundTask<SimDatagramPort, &SimDatagramPort::end> end_{*this};
};

}  // namespace owsk::net
