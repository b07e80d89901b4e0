// SPDX-License-Identifier: MIT
// Sending and receiving datagrams.
#include "net/sim/udp_endpoint.h"

#include <utility>

#include "net/sim/udp/stack.h"

namespace owsk::net {

namespace {

// What the length fields of the headers can hold.
std::size_t payload_max(Family family) noexcept {
    return 65535 - udp_header_size - (family == Family::ipv4 ? ip_header_size(family) : 40);
}

}  // namespace

UdpEndpoint::~UdpEndpoint() {
    if (is_bound_) {
        computer_.udp().remove(*this);
    }
}

NTSTATUS UdpEndpoint::bind(const Address& address) {
    if (is_bound_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    const Result<Address> local = computer_.udp().choose_port(address);
    if (!local) {
        return local.status();
    }
    local_ = *local;
    is_bound_ = true;
    computer_.udp().add(*this);
    return STATUS_SUCCESS;
}

NTSTATUS UdpEndpoint::send_to(const Address& to, std::string_view payload) {
    if (!is_bound_) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (to.family != local_.family) {
        return STATUS_INVALID_PARAMETER;
    }
    if (payload.size() > payload_max(to.family)) {
        return STATUS_INVALID_BUFFER_SIZE;
    }
    Address from = local_;
    if (from.is_wildcard()) {
        const Address* const source = computer_.source_for(to);
        if (source == nullptr) {
            return STATUS_NETWORK_UNREACHABLE;
        }
        from.ip = source->ip;
    }
    computer_.send(UdpDatagram{.source = from, .destination = to, .payload = std::string(payload)});
    return STATUS_SUCCESS;
}

UdpDatagram UdpEndpoint::receive() {
    OWSK_ASSERT(!waiting_.empty());
    UdpDatagram first = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= first.payload.size();
    return first;
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

}  // namespace owsk::net
