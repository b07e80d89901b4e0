// SPDX-License-Identifier: MIT
// Sending and receiving at once, and readiness on the processor.
#include "net/sim/sim_datagram_port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/flow.h"
#include "net/group_address.h"

namespace owsk::net {

namespace {

std::string joined(std::span<const Slice> slices) {
    std::string all;
    for (const Slice& slice : slices) {
        all.append(static_cast<const char*>(slice.base), slice.length);
    }
    return all;
}

// How many bytes there was room for.
std::size_t scatter(std::string_view bytes, std::span<const Slice> slices) noexcept {
    std::size_t done = 0;
    for (const Slice& slice : slices) {
        const std::size_t count = std::min(slice.length, bytes.size() - done);
        std::memcpy(slice.base, bytes.data() + done, count);
        done += count;
    }
    return done;
}

// So many errors wait; more are lost.
constexpr std::size_t errors_max = 64;

bool is_interface(std::uint32_t index) noexcept {
    return index <= sim_link_interface;
}

// Whether nothing but their bytes tells them apart.
bool are_alike(const UdpDatagram& one, const UdpDatagram& other) noexcept {
    return one.source == other.source && one.destination == other.destination &&
           one.hop_limit == other.hop_limit && one.traffic_class == other.traffic_class;
}

// The options that are no more than on or off.
bool is_flag(DatagramOption option) noexcept {
    switch (option) {
        case DatagramOption::broadcast:
        case DatagramOption::multicast_loopback:
        case DatagramOption::do_not_fragment:
        case DatagramOption::report_packet_info:
        case DatagramOption::report_hop_limit:
        case DatagramOption::report_traffic_class:
        case DatagramOption::report_errors:
            return true;
        default:
            return false;
    }
}

}  // namespace

SimDatagramPort::SimDatagramPort(Computer& computer) noexcept : endpoint_(computer) {
    option(DatagramOption::receive_buffer) = static_cast<std::uint32_t>(endpoint_.receive_buffer());
    option(DatagramOption::send_buffer) = static_cast<std::uint32_t>(endpoint_.receive_buffer());
    option(DatagramOption::hop_limit) = default_hop_limit;
    option(DatagramOption::multicast_hop_limit) = 1;
    option(DatagramOption::multicast_loopback) = 1;
    endpoint_.set_watcher(this);
}

NTSTATUS SimDatagramPort::bind(const Address& address, const DatagramPortOptions& options) {
    return endpoint_.bind(address, options);
}

NTSTATUS SimDatagramPort::start(host::Processor& processor, DatagramEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    writable_ = true;
    processor_->post(announcement_);
    return STATUS_SUCCESS;
}

void SimDatagramPort::on_datagram(UdpEndpoint&) noexcept {
    become_readable();
}

void SimDatagramPort::on_error(UdpEndpoint&, const IcmpError& error) noexcept {
    if (option(DatagramOption::report_errors) != 0 && errors_.size() < errors_max) {
        errors_.push_back(error);
        become_readable();
    }
}

void SimDatagramPort::become_readable() noexcept {
    readable_ = true;
    if (processor_ != nullptr && closed_ == nullptr) {
        processor_->post(announcement_);
    }
}

void SimDatagramPort::announce() noexcept {
    if (closed_ == nullptr) {
        const bool readable = std::exchange(readable_, false);
        const bool writable = std::exchange(writable_, false);
        events_->on_datagrams(readable, writable);
    }
}

Transfer SimDatagramPort::receive(std::span<const Slice> slices,
                                  ReceivedDatagram& datagram) noexcept {
    if (!errors_.empty()) {
        return receive_error(slices, datagram);
    }
    if (endpoint_.waiting().empty()) {
        return {Outcome::would_block};
    }
    std::optional<std::uint32_t> segment_size;
    const UdpDatagram taken = take(segment_size);
    describe(taken, datagram);
    datagram.header.segment_size = segment_size;
    return {Outcome::done, scatter(taken.payload, slices)};
}

UdpDatagram SimDatagramPort::take(std::optional<std::uint32_t>& segment_size) {
    UdpDatagram taken = endpoint_.receive();
    const std::size_t size = taken.payload.size();
    bool is_last = size == 0;
    while (!is_last && !endpoint_.waiting().empty()) {
        const UdpDatagram& next = endpoint_.waiting().front();
        const std::size_t more = next.payload.size();
        const bool is_one_more =
            are_alike(taken, next) && more != 0 && more <= size &&
            taken.payload.size() + more <= option(DatagramOption::coalesced_max);
        if (!is_one_more) {
            break;
        }
        is_last = more < size;
        taken.payload += endpoint_.receive().payload;
        segment_size = static_cast<std::uint32_t>(size);
    }
    return taken;
}

Transfer SimDatagramPort::receive_error(std::span<const Slice> slices,
                                        ReceivedDatagram& datagram) noexcept {
    const IcmpError error = std::move(errors_.front());
    errors_.pop_front();
    const std::string_view payload = quoted_payload(error);
    datagram = {.remote = shown(error.datagram.destination),
                .length = payload.size(),
                .error = IcmpReport{
                    .family = error.source.family, .type = error.type(), .code = error.code()}};
    return {Outcome::done, scatter(payload, slices)};
}

// As the port's own family writes it.
Address SimDatagramPort::shown(const Address& address) const noexcept {
    return address.family == local_address().family ? address : v4_mapped(address);
}

void SimDatagramPort::describe(const UdpDatagram& taken, ReceivedDatagram& datagram) noexcept {
    datagram = {.remote = shown(taken.source),
                .length = taken.payload.size(),
                .is_broadcast = is_limited_broadcast(taken.destination),
                .is_multicast = is_multicast(taken.destination)};
    if (option(DatagramOption::report_packet_info) != 0) {
        const bool is_local = is_loopback(taken.destination);
        datagram.header.packet_info = {
            .ip = shown(taken.destination).ip,
            .interface_index = is_local ? sim_loopback_interface : sim_link_interface};
    }
    if (option(DatagramOption::report_hop_limit) != 0) {
        datagram.header.hop_limit = taken.hop_limit;
    }
    if (option(DatagramOption::report_traffic_class) != 0) {
        datagram.header.traffic_class = taken.traffic_class;
    }
}

Transfer SimDatagramPort::send(std::span<const Slice> slices,
                               const Address& remote,
                               const DatagramHeader& header) noexcept {
    const Address to = v4_unmapped(remote);
    if (header.hop_limit == std::uint8_t{0}) {
        return {Outcome::failed, 0, STATUS_INVALID_PARAMETER};
    }
    if (is_limited_broadcast(to) && option(DatagramOption::broadcast) == 0) {
        return {Outcome::failed, 0, STATUS_ACCESS_DENIED};
    }
    const PacketInfo from = header.packet_info.value_or(PacketInfo{});
    if (!is_interface(from.interface_index)) {
        return {Outcome::failed, 0, STATUS_INVALID_ADDRESS_COMPONENT};
    }
    const std::uint32_t hop_limit =
        option(is_multicast(to) ? DatagramOption::multicast_hop_limit : DatagramOption::hop_limit);
    const std::string payload = joined(slices);
    const std::uint32_t segment_size =
        header.segment_size.value_or(option(DatagramOption::segment_size));
    const bool is_several = segment_size != 0 && payload.size() > segment_size;
    const UdpDatagram whole = {
        .source = {.family = remote.family, .ip = from.ip},
        .destination = remote,
        .hop_limit = header.hop_limit.value_or(static_cast<std::uint8_t>(hop_limit)),
        .traffic_class = header.traffic_class.value_or(
            static_cast<std::uint8_t>(option(DatagramOption::traffic_class))),
        // One of several has to fit.
        .may_be_fragmented = option(DatagramOption::do_not_fragment) == 0 && !is_several};
    // A broadcast is heard here as well, whatever is set.
    const bool loops_back =
        is_limited_broadcast(to) || option(DatagramOption::multicast_loopback) != 0;
    std::size_t sent = 0;
    do {
        UdpDatagram datagram = whole;
        datagram.payload = payload.substr(sent, is_several ? segment_size : std::string::npos);
        sent += datagram.payload.size();
        const NTSTATUS status = endpoint_.send(std::move(datagram), loops_back);
        // If one is refused it is the first, which is the longest.
        if (!NT_SUCCESS(status)) {
            return {Outcome::failed, 0, status};
        }
    } while (sent < payload.size());
    return {Outcome::done, sent};
}

NTSTATUS SimDatagramPort::set_option(DatagramOption which, std::uint32_t value) noexcept {
    switch (which) {
        case DatagramOption::hop_limit:
        case DatagramOption::multicast_hop_limit:
        case DatagramOption::traffic_class:
            if (value > 255 || (which == DatagramOption::hop_limit && value == 0)) {
                return STATUS_INVALID_PARAMETER;
            }
            break;
        case DatagramOption::multicast_interface:
            if (!is_interface(value)) {
                return STATUS_INVALID_ADDRESS_COMPONENT;
            }
            break;
        case DatagramOption::receive_buffer:
            endpoint_.set_receive_buffer(value);
            break;
        default:
            break;
    }
    option(which) = is_flag(which) ? (value != 0 ? 1 : 0) : value;
    return STATUS_SUCCESS;
}

Result<std::uint32_t> SimDatagramPort::get_option(DatagramOption which) noexcept {
    return option(which);
}

NTSTATUS SimDatagramPort::join_group(const Address& group, std::uint32_t interface_index) noexcept {
    if (group.family != local_address().family) {
        return STATUS_INVALID_PARAMETER;
    }
    return is_interface(interface_index) ? endpoint_.join(v4_unmapped(group))
                                         : STATUS_INVALID_ADDRESS_COMPONENT;
}

NTSTATUS SimDatagramPort::leave_group(const Address& group,
                                      std::uint32_t interface_index) noexcept {
    if (group.family != local_address().family) {
        return STATUS_INVALID_PARAMETER;
    }
    return is_interface(interface_index) ? endpoint_.leave(v4_unmapped(group))
                                         : STATUS_INVALID_ADDRESS_COMPONENT;
}

void SimDatagramPort::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    // Behind an announcement that is queued already.
    processor_->post(end_);
}

void SimDatagramPort::end() noexcept {
    endpoint_.unbind();
    closed_->run();
}

}  // namespace owsk::net
