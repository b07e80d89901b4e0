// SPDX-License-Identifier: MIT
// From an address to a port.
#include "wsk/datagram/datagram_binding.h"

#include <utility>

#include "wsk/socket/sockaddr.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

NTSTATUS DatagramBinding::bind(const SOCKADDR* address,
                               ULONG flags,
                               PIRP irp,
                               net::DatagramEvents& events) noexcept {
    const Request request = core_.begin(irp, Operation::bind);
    if (!is_udp_) {
        return core_.finish(request, STATUS_NOT_IMPLEMENTED);
    }
    const Result<Address> wanted = address_for(core_.family(), address, flags);
    NTSTATUS status = wanted ? begin() : wanted.status();
    if (NT_SUCCESS(status)) {
        status = bind_to(*wanted, events);
    }
    return core_.finish(request, status);
}

NTSTATUS DatagramBinding::begin() noexcept {
    SocketLock lock(core_.mutex());
    if (core_.state_locked() != DatagramState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    core_.move_to_locked(DatagramState::binding);
    return STATUS_SUCCESS;
}

NTSTATUS DatagramBinding::bind_to(const Address& address, net::DatagramEvents& events) noexcept {
    Services& services = core_.services();
    net::DatagramPortOptions options;
    ShareTerms terms;
    {
        SocketLock lock(core_.mutex());
        options.v6_only = v6_only_;
        terms = sharing_.terms();
    }
    Result<AddressTable::Bound<net::DatagramPort>> bound =
        services.addresses().bind_datagrams(services.network(), address, terms, options);
    if (!bound) {
        give_up(address, bound.status());
        return bound.status();
    }
    net::DatagramPort& port = *bound->holder;
    NTSTATUS status = STATUS_SUCCESS;
    {
        SocketLock lock(core_.mutex());
        status = core_.options_locked().hand_on(port);
        core_.set_port_locked(std::move(bound->holder));
        held_.keep_locked(bound->hold);
    }
    if (NT_SUCCESS(status)) {
        // What the network brings before the state is `bound` waits for it.
        status = port.start(core_.turn().processor(), events);
    }
    if (!NT_SUCCESS(status)) {
        give_up(address, status);
        return status;
    }
    const Address local = port.local_address();
    services.sockets().change([&] { reported_address_ = local; });
    SocketLock lock(core_.mutex());
    core_.move_to_locked(DatagramState::bound);
    core_.want_turns_locked();
    return STATUS_SUCCESS;
}

void DatagramBinding::give_up(const Address& address, NTSTATUS status) noexcept {
    std::unique_ptr<net::DatagramPort> port;
    {
        SocketLock lock(core_.mutex());
        port = core_.take_port_locked();
    }
    release_address();
    port.reset();
    {
        SocketLock lock(core_.mutex());
        core_.move_to_locked(DatagramState::unbound);
    }
    core_.services().probes().bind_failed({address, status});
}

NTSTATUS DatagramBinding::set_option_locked(ULONG level, ULONG option, ULONG value) noexcept {
    if (!get_option_locked(level, option)) {
        return STATUS_NOT_SUPPORTED;
    }
    if (core_.state_locked() != DatagramState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (value > 1) {
        return STATUS_INVALID_PARAMETER;
    }
    if (level == IPPROTO_IPV6) {
        v6_only_ = value != 0;
        return STATUS_SUCCESS;
    }
    return sharing_.set(SharingChoice::of_option(level, option), value != 0);
}

NTSTATUS DatagramBinding::set_descriptor_locked(DescriptorRef descriptor) noexcept {
    if (core_.state_locked() != DatagramState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    sharing_.set_descriptor(std::move(descriptor));
    return STATUS_SUCCESS;
}

Result<ULONG> DatagramBinding::get_option_locked(ULONG level, ULONG option) const noexcept {
    if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY && core_.family() == Family::ipv6) {
        return ULONG{v6_only_};
    }
    const Sharing sharing = SharingChoice::of_option(level, option);
    if (sharing == Sharing::none) {
        return STATUS_NOT_SUPPORTED;
    }
    return sharing_.option_value(sharing);
}

}  // namespace owsk::wsk
