// SPDX-License-Identifier: MIT
// WskBind on a listening socket, which starts to listen at once, and the options that come before
// it.
#include "wsk/listen/listen_socket.h"
#include "wsk/socket/move_to.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// A BOOLEAN-like option holds nothing but 0 or 1.
ULONG flag(bool value) noexcept {
    return value ? 1 : 0;
}

}  // namespace

NTSTATUS ListenSocket::bind_check(const SOCKADDR* address, ULONG flags) noexcept {
    if (address == nullptr || flags != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    const std::optional<Family> family = family_of(address->sa_family);
    if (!family.has_value() || *family != family_) {
        return STATUS_INVALID_PARAMETER;
    }
    Lock lock(mu_);
    if (state_ == ListenState::failed) {
        return STATUS_FILE_FORCED_CLOSED;
    }
    if (state_ != ListenState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    move_to(state_, ListenState::binding);
    return STATUS_SUCCESS;
}

NTSTATUS ListenSocket::bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept {
    const Request request = begin(irp, Operation::bind);
    if (!can_be_bound_) {
        // Windows asks the transport, whose answer comes after STATUS_PENDING.
        request.decide(STATUS_NOT_IMPLEMENTED, 0);
        Lock lock(mu_);
        return finish_later_locked(request);
    }
    NTSTATUS status = bind_check(address, flags);
    if (NT_SUCCESS(status)) {
        status = start_listening(*address_of(address));
    }
    return finish(request, status);
}

NTSTATUS ListenSocket::start_listening(const Address& address) noexcept {
    net::ListenOptions options;
    Sharing sharing = Sharing::none;
    {
        Lock lock(mu_);
        options.conditional = conditional_;
        options.v6_only = v6_only_;
        sharing = sharing_;
        options.inherited = options_;
    }
    Result<AddressTable::Bound> bound =
        provider().addresses().bind(provider().network(), address, sharing, options);
    if (!bound) {
        {
            Lock lock(mu_);
            move_to(state_, ListenState::unbound);
        }
        provider().probes().bind_failed({address, bound.status()});
        return bound.status();
    }
    net::Listener& listener = *bound->listener;
    {
        Lock lock(mu_);
        listener_ = std::move(bound->listener);
        hold_ = bound->hold;
    }
    // What the network brings before the state is `listening` waits for it.
    const NTSTATUS status = listener.start(processor(), *this);
    if (!NT_SUCCESS(status)) {
        give_up_listening();
        provider().probes().bind_failed({address, status});
        return status;
    }
    const Address local = listener.local_address();
    const net::GateReport& gate = listener.gate();
    provider().sockets().change([&] { reported_address_ = local; });
    provider().probes().listener_bound({local, options.conditional, gate.name, gate.reason});
    Lock lock(mu_);
    if (state_ == ListenState::binding) {
        move_to(state_, ListenState::listening);
    }
    want_turn_locked();
    return STATUS_SUCCESS;
}

// A listener that has not started is as good as none: the address is free, and may be bound again.
void ListenSocket::give_up_listening() noexcept {
    std::unique_ptr<net::Listener> listener;
    AddressTable::Hold hold;
    {
        Lock lock(mu_);
        listener = std::move(listener_);
        hold = hold_;
    }
    provider().addresses().release(hold);
    listener.reset();
    Lock lock(mu_);
    move_to(state_, ListenState::unbound);
}

NTSTATUS ListenSocket::set_before_bind_locked(ULONG level, ULONG option, ULONG value) noexcept {
    if (state_ != ListenState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (value > 1) {
        return STATUS_INVALID_PARAMETER;
    }
    if (level == IPPROTO_IPV6) {
        v6_only_ = value != 0;
        return STATUS_SUCCESS;
    }
    if (option == SO_CONDITIONAL_ACCEPT) {
        const bool has_callbacks = dispatch_.named().WskInspectEvent != nullptr &&
                                   dispatch_.named().WskAbortEvent != nullptr;
        if (value != 0 && !has_callbacks) {
            return STATUS_INVALID_PARAMETER;
        }
        if (value != 0 && provider().network().gate().name.empty()) {
            return STATUS_NOT_SUPPORTED;
        }
        conditional_ = value != 0;
        return STATUS_SUCCESS;
    }
    const Sharing wanted = option == SO_REUSEADDR ? Sharing::reuse : Sharing::exclusive;
    if (value != 0) {
        if (sharing_ != Sharing::none && sharing_ != wanted) {
            // To share and to keep for itself contradict each other; Windows refuses the second.
            return STATUS_INVALID_PARAMETER;
        }
        sharing_ = wanted;
    } else if (sharing_ == wanted) {
        sharing_ = Sharing::none;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ListenSocket::set_option(ULONG level, ULONG option, ULONG value) noexcept {
    Lock lock(mu_);
    if (const auto transport = transport_option(level, option)) {
        if (!may_be(*transport, value)) {
            return STATUS_INVALID_PARAMETER;
        }
        options_.remember(*transport, value);
        return listener_ == nullptr ? STATUS_SUCCESS : listener_->set_option(*transport, value);
    }
    const bool v6_only = level == IPPROTO_IPV6 && option == IPV6_V6ONLY && family_ == Family::ipv6;
    const bool sharing = level == SOL_SOCKET && (option == SO_REUSEADDR ||
                                                 option == static_cast<ULONG>(SO_EXCLUSIVEADDRUSE));
    const bool conditional = level == SOL_SOCKET && option == SO_CONDITIONAL_ACCEPT;
    if (!v6_only && !sharing && !conditional) {
        return STATUS_NOT_SUPPORTED;
    }
    return set_before_bind_locked(level, option, value);
}

Result<ULONG> ListenSocket::get_option(ULONG level, ULONG option) noexcept {
    Lock lock(mu_);
    if (const auto transport = transport_option(level, option)) {
        if (const auto value = options_.value(*transport)) {
            return *value;
        }
        if (listener_ != nullptr) {
            return listener_->get_option(*transport);
        }
        return ULONG{0};
    }
    if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY && family_ == Family::ipv6) {
        return flag(v6_only_);
    }
    if (level != SOL_SOCKET) {
        return STATUS_NOT_SUPPORTED;
    }
    switch (option) {
        case SO_CONDITIONAL_ACCEPT:
            return flag(conditional_);
        case SO_REUSEADDR:
            return flag(sharing_ == Sharing::reuse);
        case static_cast<ULONG>(SO_EXCLUSIVEADDRUSE):
            return flag(sharing_ == Sharing::exclusive);
        default:
            return STATUS_NOT_SUPPORTED;
    }
}

}  // namespace owsk::wsk
