// SPDX-License-Identifier: MIT
// One system call for each datagram, in the caller's thread.
#include "net/linux/datagram_port.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/flow.h"
#include "net/group_address.h"
#include "net/linux/datagram_header.h"
#include "net/linux/errno_map.h"
#include "net/linux/message.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

bool is_no_room(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK;
}

Transfer failed(NTSTATUS status) noexcept {
    return {Outcome::failed, 0, status};
}

// Whether this computer may send from there.
bool is_own(const Address& address) noexcept {
    // To a group a socket may be bound as well.
    return !is_for_several(address) && bind_datagram_socket(address, true, false).has_value();
}

// The errors of a source that is not ours are those of other things, too.
NTSTATUS status_of_send(int error, Family family, const DatagramHeader& header) noexcept {
    const bool is_of_route = error == EINVAL || error == ENETUNREACH;
    if (is_of_route && header.packet_info) {
        const Address source = {.family = family,
                                .ip = header.packet_info->ip,
                                .scope_id = header.packet_info->interface_index};
        if (!is_own(v4_unmapped(source))) {
            return STATUS_INVALID_ADDRESS_COMPONENT;
        }
    }
    // A segment that is longer than the link takes, as older kernels say it.
    if (error == EINVAL && header.segment_size) {
        return STATUS_INVALID_BUFFER_SIZE;
    }
    // EINVAL: from a loopback address there is no way out.
    return error == EINVAL ? STATUS_NETWORK_UNREACHABLE : status_from_errno(error);
}

// The payload of the longest datagram.
std::size_t payload_max(Family family) noexcept {
    return family == Family::ipv4 ? 65507 : 65527;
}

// The first bytes of slices.
class FirstOf {
  public:
    // Precondition: no more than slices_max, and as many bytes.
    FirstOf(std::span<const Slice> slices, std::size_t bytes) noexcept {
        for (const Slice& slice : slices) {
            const std::size_t length = std::min(slice.length, bytes);
            slices_[count_++] = {slice.base, length};
            bytes -= length;
        }
    }
    std::span<const Slice> get() const noexcept { return std::span(slices_).first(count_); }

  private:
    std::array<Slice, slices_max> slices_;
    std::size_t count_ = 0;
};

}  // namespace

LinuxDatagramPort::LinuxDatagramPort(BoundSocket socket, bool v6_only) noexcept
    : local_(socket.local),
      families_(families_of(local_.family, v6_only)),
      fd_(std::move(socket.fd)) {}

NTSTATUS LinuxDatagramPort::start(host::Processor& processor, DatagramEvents& events) noexcept {
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    events_ = &events;
    const int error = processor_->watch(fd_.get(), EPOLLIN | EPOLLOUT, *this);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

// Each datagram that leaves makes room, and who looks out for room is woken up each time. So nobody
// does while there is enough.
void LinuxDatagramPort::on_events(std::uint32_t events) noexcept {
    const bool writable = (events & EPOLLOUT) != 0;
    if (writable) {
        // Before the announcement: who finds no room after it looks out again.
        processor_->watch(fd_.get(), EPOLLIN, *this);
    }
    events_->on_datagrams((events & (EPOLLIN | EPOLLERR)) != 0, writable);
}

void LinuxDatagramPort::look_out_for_room() noexcept {
    if (processor_ != nullptr) {
        processor_->watch(fd_.get(), EPOLLIN | EPOLLOUT, *this);
    }
}

Transfer LinuxDatagramPort::receive(std::span<const Slice> slices,
                                    ReceivedDatagram& datagram) noexcept {
    Sockaddr from;
    ControlBuffer control;
    msghdr message = message_of(slices);
    message.msg_name = from.get();
    message.msg_namelen = from.length;
    control.give_to(message);
    const ssize_t result = unless_interrupted(
        [&] { return ::recvmsg(fd_.get(), &message, MSG_TRUNC | MSG_DONTWAIT); });
    if (result < 0) {
        const int error = errno;
        if (reports_errors_.load(std::memory_order_relaxed)) {
            // One is what the call has failed with, or another call has met it.
            const Transfer taken = receive_error(slices, datagram);
            if (taken.outcome == Outcome::done) {
                return taken;
            }
        }
        return is_no_room(error) ? Transfer{Outcome::would_block}
                                 : failed(status_from_errno(error));
    }
    describe(message, from, static_cast<std::size_t>(result), datagram);
    return {Outcome::done, std::min(datagram.length, length_of(slices))};
}

void LinuxDatagramPort::describe(const msghdr& message,
                                 const Sockaddr& from,
                                 std::size_t length,
                                 ReceivedDatagram& datagram) const noexcept {
    datagram = {.remote = to_address(from), .length = length};
    read_control(message, local_.family, datagram);
    if (!reports_packet_info_.load(std::memory_order_relaxed)) {
        datagram.header.packet_info.reset();
    }
}

Transfer LinuxDatagramPort::receive_error(std::span<const Slice> slices,
                                          ReceivedDatagram& datagram) noexcept {
    for (;;) {
        Sockaddr to;
        ControlBuffer control;
        msghdr message = message_of(slices);
        message.msg_name = to.get();
        message.msg_namelen = to.length;
        control.give_to(message);
        const ssize_t result = unless_interrupted(
            [&] { return ::recvmsg(fd_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT); });
        if (result < 0) {
            return {Outcome::would_block};
        }
        // Errors of our own sends are there as well, and known.
        if (const std::optional<IcmpReport> report = icmp_report_in(message)) {
            const auto bytes = static_cast<std::size_t>(result);
            // By how much it is cut Linux does not say.
            const std::size_t cut = (message.msg_flags & MSG_TRUNC) != 0 ? 1 : 0;
            datagram = {.remote = to_address(to), .length = bytes + cut, .error = report};
            return {Outcome::done, bytes};
        }
    }
}

// Linux gives an ICMP error to whatever call comes next. It stays in the queue of errors, for
// receive(), and the call is made again.
ssize_t LinuxDatagramPort::send_past_errors(const msghdr& message) noexcept {
    const auto send = [&] { return ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT); };
    const ssize_t result = unless_interrupted(send);
    const bool may_be_of_another =
        result < 0 && !is_no_room(errno) && reports_errors_.load(std::memory_order_relaxed);
    return may_be_of_another ? unless_interrupted(send) : result;
}

NTSTATUS LinuxDatagramPort::check_destination(const Address& remote,
                                              const DatagramHeader& header) const noexcept {
    if (remote.family != local_.family || header.hop_limit == std::uint8_t{0}) {
        return STATUS_INVALID_PARAMETER;
    }
    // Linux takes the wildcard for this computer.
    const bool is_nobody = remote.port == 0 || v4_unmapped(remote).is_wildcard();
    return is_nobody ? STATUS_INVALID_ADDRESS_COMPONENT : STATUS_SUCCESS;
}

Transfer LinuxDatagramPort::send(std::span<const Slice> slices,
                                 const Address& remote,
                                 const DatagramHeader& header) noexcept {
    const NTSTATUS status = check_destination(remote, header);
    if (!NT_SUCCESS(status)) {
        return failed(status);
    }
    const std::uint32_t segment_size =
        header.segment_size.value_or(segment_size_.load(std::memory_order_relaxed));
    DatagramHeader own = header;
    if (segment_size != 0 && length_of(slices) > segment_size) {
        own.segment_size = segment_size;
        return send_segments(slices, remote, own);
    }
    own.segment_size.reset();
    return transmit(slices, remote, own);
}

Transfer LinuxDatagramPort::send_segments(std::span<const Slice> slices,
                                          const Address& remote,
                                          const DatagramHeader& header) noexcept {
    // Together they are not longer than a datagram may be.
    const std::size_t longest = payload_max(v4_unmapped(remote).family);
    const std::size_t size = *header.segment_size;
    if (size > longest) {
        return failed(STATUS_INVALID_BUFFER_SIZE);
    }
    constexpr std::size_t segments_max = 64;  // of one call; newer kernels take more
    const std::size_t bytes = size * std::min(longest / size, segments_max);
    return transmit(FirstOf(slices, std::min(bytes, length_of(slices))).get(), remote, header);
}

Transfer LinuxDatagramPort::transmit(std::span<const Slice> slices,
                                     const Address& remote,
                                     const DatagramHeader& header) noexcept {
    Sockaddr to = to_sockaddr(remote);
    ControlBuffer control;
    msghdr message = message_of(slices);
    message.msg_name = to.get();
    message.msg_namelen = to.length;
    put_control(header, v4_unmapped(remote).family, control, message);
    const ssize_t result = send_past_errors(message);
    if (result >= 0) {
        return {Outcome::done, static_cast<std::size_t>(result)};
    }
    return not_sent(errno, header);
}

Transfer LinuxDatagramPort::not_sent(int error, const DatagramHeader& header) noexcept {
    if (is_no_room(error)) {
        look_out_for_room();
        return {Outcome::would_block};
    }
    return failed(status_of_send(error, local_.family, header));
}

// Linux does not know a limit. Where there is one below the longest datagram, nothing is coalesced.
NTSTATUS LinuxDatagramPort::set_coalesced_max(std::uint32_t bytes) noexcept {
    const NTSTATUS status = coalesce_datagrams(fd_.get(), bytes >= payload_max(local_.family));
    if (NT_SUCCESS(status)) {
        coalesced_max_.store(bytes, std::memory_order_relaxed);
    }
    return status;
}

NTSTATUS LinuxDatagramPort::set_option(DatagramOption option, std::uint32_t value) noexcept {
    if (option == DatagramOption::report_packet_info) {
        reports_packet_info_.store(value != 0, std::memory_order_relaxed);
        return STATUS_SUCCESS;
    }
    if (option == DatagramOption::segment_size) {
        segment_size_.store(value, std::memory_order_relaxed);
        return STATUS_SUCCESS;
    }
    if (option == DatagramOption::coalesced_max) {
        return set_coalesced_max(value);
    }
    if (option == DatagramOption::multicast_interface) {
        const NTSTATUS status = set_multicast_interface(fd_.get(), families_, value);
        if (NT_SUCCESS(status)) {
            multicast_interface_.store(value, std::memory_order_relaxed);
        }
        return status;
    }
    const NTSTATUS status = set_datagram_option(fd_.get(), families_, option, value);
    if (option == DatagramOption::report_errors && NT_SUCCESS(status)) {
        reports_errors_.store(value != 0, std::memory_order_relaxed);
    }
    return status;
}

Result<std::uint32_t> LinuxDatagramPort::get_option(DatagramOption option) noexcept {
    if (option == DatagramOption::report_packet_info) {
        return std::uint32_t{reports_packet_info_.load(std::memory_order_relaxed) ? 1U : 0U};
    }
    if (option == DatagramOption::multicast_interface) {
        return multicast_interface_.load(std::memory_order_relaxed);
    }
    if (option == DatagramOption::segment_size) {
        return segment_size_.load(std::memory_order_relaxed);
    }
    if (option == DatagramOption::coalesced_max) {
        return coalesced_max_.load(std::memory_order_relaxed);
    }
    return get_datagram_option(fd_.get(), families_, option);
}

NTSTATUS LinuxDatagramPort::join_group(const Address& group,
                                       std::uint32_t interface_index) noexcept {
    return group.family == local_.family ? net::join_group(fd_.get(), group, interface_index)
                                         : STATUS_INVALID_PARAMETER;
}

NTSTATUS LinuxDatagramPort::leave_group(const Address& group,
                                        std::uint32_t interface_index) noexcept {
    return group.family == local_.family ? net::leave_group(fd_.get(), group, interface_index)
                                         : STATUS_INVALID_PARAMETER;
}

void LinuxDatagramPort::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    processor_->unwatch(fd_.get(), *this);
    processor_->post(*this);
}

void LinuxDatagramPort::run() noexcept {
    fd_.reset();
    closed_->run();
}

}  // namespace owsk::net
