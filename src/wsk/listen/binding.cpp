// SPDX-License-Identifier: MIT
// Becoming a listener, or not.
#include "wsk/listen/binding.h"

#include <utility>

#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

Binding::Binding(ListenCore& core, const ListenTransport& transport) noexcept
    : core_(core), family_(transport.family), can_be_bound_(transport.protocol == IPPROTO_TCP) {}

NTSTATUS Binding::begin() noexcept {
    SocketLock lock(core_.socket().mutex());
    if (core_.state_locked() == ListenState::failed) {
        return STATUS_FILE_FORCED_CLOSED;
    }
    if (core_.state_locked() != ListenState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    core_.move_to_locked(ListenState::binding);
    return STATUS_SUCCESS;
}

NTSTATUS Binding::bind(const SOCKADDR* address,
                       ULONG flags,
                       PIRP irp,
                       net::ListenerEvents& events) noexcept {
    const Request request = core_.socket().begin(irp, Operation::bind);
    if (!can_be_bound_) {
        // Windows asks the transport, whose answer comes after STATUS_PENDING.
        request.decide(STATUS_NOT_IMPLEMENTED, 0);
        SocketLock lock(core_.socket().mutex());
        return core_.socket().turn().finish_later_locked(request);
    }
    const Result<Address> wanted = address_for(family_, address, flags);
    NTSTATUS status = wanted ? begin() : wanted.status();
    if (NT_SUCCESS(status)) {
        status = start_listening(*wanted, events);
    }
    return core_.socket().finish(request, status);
}

NTSTATUS Binding::start_listening(const Address& address, net::ListenerEvents& events) noexcept {
    Services& services = core_.socket().services();
    net::ListenOptions options;
    ShareTerms terms;
    {
        SocketLock lock(core_.socket().mutex());
        options.conditional = core_.is_conditional_locked();
        options.v6_only = v6_only_;
        terms = sharing_.terms();
        options.inherited = core_.inherited_locked();
    }
    Result<AddressTable::Bound<net::Listener>> bound =
        services.addresses().listen(services.network(), address, terms, options);
    if (!bound) {
        give_up(address, bound.status());
        return bound.status();
    }
    net::Listener& listener = *bound->holder;
    {
        SocketLock lock(core_.socket().mutex());
        core_.set_listener_locked(std::move(bound->holder));
        held_.keep_locked(bound->hold);
    }
    const NTSTATUS status = core_.start(listener, events);
    if (!NT_SUCCESS(status)) {
        give_up(address, status);
    }
    return status;
}

void Binding::give_up(const Address& address, NTSTATUS status) noexcept {
    std::unique_ptr<net::Listener> listener;
    {
        SocketLock lock(core_.socket().mutex());
        listener = core_.take_listener_locked();
    }
    release_address();
    listener.reset();
    {
        SocketLock lock(core_.socket().mutex());
        core_.move_to_locked(ListenState::unbound);
    }
    core_.socket().services().probes().bind_failed({address, status});
}

}  // namespace owsk::wsk
