// SPDX-License-Identifier: MIT
// How the roles of a datagram socket work together.
#include "wsk/datagram/datagram_socket.h"

#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

DatagramSocket::DatagramSocket(SocketClient& client,
                               const DatagramTransport& transport,
                               PVOID context,
                               const VOID* dispatch,
                               host::Processor& processor) noexcept
    : DatagramCore(client, transport.family, context, dispatch, processor),
      binding_(*this, transport.is_udp),
      incoming_(*this),
      sender_(*this),
      receiver_(incoming_),
      indicator_(incoming_) {}

DatagramSocket::~DatagramSocket() {
    if (const ULONG lost = indicator_.release_all(); lost != 0) {
        services().note_unreleased_indications(description(), lost);
    }
    SocketLock lock(mutex());
    incoming_.drop_refused_locked();
}

std::string DatagramSocket::description() const {
    const std::optional<Address>& address = binding_.reported_address();
    return address.has_value() ? "datagram socket on " + to_string(*address)
                               : "datagram socket, not bound";
}

void DatagramSocket::on_datagrams(bool readable, bool writable) noexcept {
    mutex().lock();
    if (readable) {
        incoming_.note_readable_locked();
    }
    if (writable) {
        sender_.note_writable_locked();
    }
    take_turns_and_unlock();
}

bool DatagramSocket::step_locked(Turn& turn) noexcept {
    if (!is_bound_locked()) {
        return false;
    }
    if (has_role_turns()) {
        return step_of_role_locked(turn);
    }
    return sender_.step_locked() || receiver_.step_locked() || step_of_events_locked();
}

bool DatagramSocket::step_of_role_locked(Turn& turn) noexcept {
    bool any = false;
    if (&turn == &turn_of_sender()) {
        any = sender_.step_locked();
    } else if (&turn == &turn_of_receiver()) {
        any = receiver_.step_locked();
    } else if (&turn == &turn_of_events()) {
        any = step_of_events_locked();
    }
    if (any) {
        // It may have been what another role has waited for.
        want_turns_locked();
    }
    return any;
}

NTSTATUS DatagramSocket::set_option(ULONG level, ULONG option, ULONG value) noexcept {
    SocketLock lock(mutex());
    const NTSTATUS status = binding_.set_option_locked(level, option, value);
    return status == STATUS_NOT_SUPPORTED
               ? options_locked().set(level, option, value, port_locked())
               : status;
}

Result<ULONG> DatagramSocket::get_option(ULONG level, ULONG option) noexcept {
    SocketLock lock(mutex());
    const Result<ULONG> value = binding_.get_option_locked(level, option);
    return value ? value : options_locked().get(level, option, port_locked(), services().network());
}

std::optional<NTSTATUS> DatagramSocket::set_membership(ULONG level,
                                                       ULONG option,
                                                       std::span<const std::byte> value) noexcept {
    SocketLock lock(mutex());
    return change_membership(family(), level, option, value, port_locked());
}

NTSTATUS DatagramSocket::set_descriptor(DescriptorRef descriptor) noexcept {
    SocketLock lock(mutex());
    return binding_.set_descriptor_locked(std::move(descriptor));
}

DescriptorRef DatagramSocket::descriptor() noexcept {
    SocketLock lock(mutex());
    return binding_.descriptor_locked();
}

Result<std::optional<Address>> DatagramSocket::fixed_address_locked(
    const SOCKADDR* address) const noexcept {
    if (!is_bound_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (address == nullptr) {
        return std::optional<Address>();
    }
    const Result<Address> fixed = address_for(family(), address, 0);
    if (!fixed) {
        return fixed.status();
    }
    if ((*fixed).is_wildcard() || (*fixed).port == 0) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    return std::optional(*fixed);
}

NTSTATUS DatagramSocket::fix_remote(const SOCKADDR* address) noexcept {
    SocketLock lock(mutex());
    const Result<std::optional<Address>> fixed = fixed_address_locked(address);
    if (!fixed) {
        return fixed.status();
    }
    sender_.fix_remote_locked(*fixed);
    incoming_.fix_remote_locked(*fixed);
    return STATUS_SUCCESS;
}

NTSTATUS DatagramSocket::fix_destination(const SOCKADDR* address) noexcept {
    SocketLock lock(mutex());
    const Result<std::optional<Address>> fixed = fixed_address_locked(address);
    if (!fixed) {
        return fixed.status();
    }
    sender_.fix_destination_locked(*fixed);
    return STATUS_SUCCESS;
}

void DatagramSocket::cancel_all_locked() noexcept {
    sender_.cancel_all_locked();
    receiver_.cancel_all_locked();
}

bool DatagramSocket::close_transport(host::Task& closed) noexcept {
    net::DatagramPort* port = nullptr;
    {
        SocketLock lock(mutex());
        port = port_locked();
    }
    if (port == nullptr) {
        return false;
    }
    binding_.release_address();
    cancel_alarm();
    port->close(closed);
    return true;
}

}  // namespace owsk::wsk
