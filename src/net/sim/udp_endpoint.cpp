// SPDX-License-Identifier: MIT
// Sending and receiving datagrams.
#include "net/sim/udp_endpoint.h"

#include <algorithm>
#include <utility>

#include "net/flow.h"
#include "net/group_address.h"
#include "net/sim/udp/stack.h"

namespace owsk::net {

namespace {

// What the length fields of the headers can hold.
std::size_t payload_max(Family family) noexcept {
    return 65535 - udp_header_size - (family == Family::ipv4 ? ip_header_size(family) : 40);
}

Address without_port(const Address& address) noexcept {
    return {.family = address.family, .ip = address.ip};
}

}  // namespace

UdpEndpoint::~UdpEndpoint() {
    unbind();
}

NTSTATUS UdpEndpoint::bind(const Address& address, const DatagramPortOptions& options) {
    if (claim_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    const Result<Address> local = computer_.udp().choose_port(address, options);
    if (!local) {
        return local.status();
    }
    local_ = *local;
    v6_only_ = options.v6_only;
    shares_port_ = options.share_port;
    claim_.emplace(local_, v6_only_);
    computer_.udp().add(*this);
    return STATUS_SUCCESS;
}

void UdpEndpoint::unbind() noexcept {
    if (claim_) {
        computer_.udp().remove(*this);
        claim_.reset();
    }
}

NTSTATUS UdpEndpoint::send_to(const Address& to, std::string_view payload) {
    UdpDatagram datagram = {.destination = to, .payload = std::string(payload)};
    datagram.source.family = to.family;
    return send(std::move(datagram), true);
}

NTSTATUS UdpEndpoint::send(UdpDatagram datagram, bool loops_back) {
    if (!claim_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (datagram.destination.family != local_.family) {
        return STATUS_INVALID_PARAMETER;
    }
    datagram.destination = v4_unmapped(datagram.destination);
    const Address& to = datagram.destination;
    if (to.port == 0 || to.is_wildcard()) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    if (datagram.payload.size() > payload_max(to.family)) {
        return STATUS_INVALID_BUFFER_SIZE;
    }
    const NTSTATUS status = choose_source(datagram);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    const bool fits = datagram.may_be_fragmented || size_of(datagram) <= computer_.path_mtu(to);
    if (!fits) {
        return STATUS_INVALID_BUFFER_SIZE;
    }
    computer_.send(std::move(datagram), loops_back);
    return STATUS_SUCCESS;
}

NTSTATUS UdpEndpoint::choose_source(UdpDatagram& datagram) const noexcept {
    const Family family = datagram.destination.family;
    const Address bound = v4_unmapped(local_);
    // Only the wildcard of IPv6 stands for both.
    const bool has_family = family == bound.family || (bound.is_wildcard() && !v6_only_);
    if (!has_family) {
        return STATUS_NETWORK_UNREACHABLE;
    }
    Address from = v4_unmapped(datagram.source);
    if (from.is_wildcard()) {
        from = bound;
    } else if (from.family != family || !computer_.has_address(from)) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    if (from.is_wildcard()) {
        const Address* const source = computer_.source_for(datagram.destination);
        if (source == nullptr) {
            return STATUS_NETWORK_UNREACHABLE;
        }
        from = *source;
    }
    from.port = local_.port;
    datagram.source = from;
    return STATUS_SUCCESS;
}

UdpDatagram UdpEndpoint::receive() {
    OWSK_ASSERT(!waiting_.empty());
    UdpDatagram first = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= first.payload.size();
    return first;
}

NTSTATUS UdpEndpoint::join(const Address& group) {
    if (!is_multicast(group)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (hears(group)) {
        return STATUS_ADDRESS_ALREADY_EXISTS;
    }
    groups_.push_back(without_port(group));
    return STATUS_SUCCESS;
}

NTSTATUS UdpEndpoint::leave(const Address& group) {
    return std::erase(groups_, without_port(group)) != 0 ? STATUS_SUCCESS
                                                         : STATUS_INVALID_ADDRESS_COMPONENT;
}

bool UdpEndpoint::hears(const Address& destination) const noexcept {
    if (is_limited_broadcast(destination)) {
        return true;
    }
    return std::find(groups_.begin(), groups_.end(), without_port(destination)) != groups_.end();
}

void UdpEndpoint::arrive(UdpDatagram& datagram) noexcept {
    if (waiting_bytes_ + datagram.payload.size() > receive_buffer_) {
        ++dropped_;
        return;
    }
    waiting_bytes_ += datagram.payload.size();
    waiting_.push_back(std::move(datagram));
    if (watcher_ != nullptr) {
        watcher_->on_datagram(*this);
    }
}

void UdpEndpoint::arrive(const IcmpError& error) noexcept {
    if (watcher_ != nullptr) {
        watcher_->on_error(*this, error);
    }
}

}  // namespace owsk::net
