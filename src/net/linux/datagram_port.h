// SPDX-License-Identifier: MIT
// LinuxDatagramPort: a UDP socket of the Linux kernel.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <atomic>
#include <optional>

#include "host/linux/linux_processor.h"
#include "net/datagram_port.h"
#include "net/linux/bound_socket.h"
#include "net/linux/datagram_options.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

class LinuxDatagramPort final : public DatagramPort, private host::Watch, private host::Task {
  public:
    // `socket` is one of UDP, with nothing set yet. `v6_only` matters to IPv6 alone.
    LinuxDatagramPort(BoundSocket socket, bool v6_only) noexcept;

    const Address& local_address() const noexcept override { return local_; }
    void allow_port_sharing(bool allow) noexcept override { share_port(fd_.get(), allow); }
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS start(host::Processor& processor, DatagramEvents& events) noexcept override;

    Transfer receive(std::span<const Slice> slices, ReceivedDatagram& datagram) noexcept override;
    DatagramBatch receive_several(std::span<DatagramRoom> rooms) noexcept override;
    Transfer send(std::span<const Slice> slices,
                  const Address& remote,
                  const DatagramHeader& header) noexcept override;
    DatagramBatch send_each(std::span<const Slice> pieces,
                            const Address& remote,
                            const DatagramHeader& header) noexcept override;

    NTSTATUS set_option(DatagramOption option, std::uint32_t value) noexcept override;
    Result<std::uint32_t> get_option(DatagramOption option) noexcept override;
    NTSTATUS join_group(const Address& group, std::uint32_t interface_index) noexcept override;
    NTSTATUS leave_group(const Address& group, std::uint32_t interface_index) noexcept override;

    void close(host::Task& closed) noexcept override;

  private:
    void on_events(std::uint32_t events) noexcept override;
    // The last thing that happens on the processor.
    void run() noexcept override;

    // Takes the oldest ICMP error.
    Transfer receive_error(std::span<const Slice> slices, ReceivedDatagram& datagram) noexcept;
    // The first of the datagrams that the slices are.
    Transfer send_segments(std::span<const Slice> slices,
                           const Address& remote,
                           const DatagramHeader& header) noexcept;
    // What nobody has to look at any more.
    Transfer transmit(std::span<const Slice> slices,
                      const Address& remote,
                      const DatagramHeader& header) noexcept;
    NTSTATUS set_coalesced_max(std::uint32_t bytes) noexcept;
    // As sendmsg(2), without the error of a datagram that was sent before.
    ssize_t send_past_errors(const msghdr& message) noexcept;
    // What a received message of `length` bytes tells.
    void describe(const msghdr& message,
                  const Sockaddr& from,
                  std::size_t length,
                  ReceivedDatagram& datagram) const noexcept;
    // STATUS_SUCCESS if datagrams may be sent there.
    NTSTATUS check_destination(const Address& remote, const DatagramHeader& header) const noexcept;
    // What the system has said instead of sending.
    Transfer not_sent(int error, const DatagramHeader& header) noexcept;
    // The next room to send is announced.
    void look_out_for_room() noexcept;

    const Address local_;
    const DatagramFamilies families_;
    host::UniqueFd fd_;
    host::LinuxProcessor* processor_ = nullptr;
    DatagramEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    // Options that Linux does not show, or that each transfer looks at.
    std::atomic<std::uint32_t> multicast_interface_ = 0;
    std::atomic<std::uint32_t> segment_size_ = 0;
    std::atomic<std::uint32_t> coalesced_max_ = 0;
    std::atomic<bool> reports_packet_info_ = false;
    std::atomic<bool> reports_errors_ = false;
};

}  // namespace owsk::net
