// SPDX-License-Identifier: MIT
// From an address to a connection.
#include "wsk/connection/connector.h"

#include <utility>

#include "base/planted.h"
#include "net/flow.h"
#include "wsk/memory/transfer.h"
#include "wsk/socket/move_to.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// What WskConnectEx takes at the most.
constexpr SIZE_T first_bytes_max = 65'535;

}  // namespace

NTSTATUS Connector::bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept {
    const Request request = core_.begin(irp, Operation::bind);
    const Result<Address> wanted = address_for(family_, address, flags);
    return core_.finish(request, wanted ? bind_to(*wanted) : wanted.status());
}

NTSTATUS Connector::bind_to(const Address& address) noexcept {
    Services& services = core_.services();
    ShareTerms terms;
    bool v6_only = true;
    {
        SocketLock lock(core_.mutex());
        if (state_ != ConnectState::unbound) {
            return STATUS_INVALID_DEVICE_STATE;
        }
        move_to(state_, ConnectState::binding);
        terms = sharing_.terms();
        v6_only = v6_only_;
    }
    Result<AddressTable::Bound<net::Connector>> bound =
        services.addresses().bind(services.network(), address, terms, v6_only);
    {
        SocketLock lock(core_.mutex());
        if (bound) {
            transport_ = std::move(bound->holder);
            held_.keep_locked(bound->hold);
            move_to(state_, ConnectState::bound);
            return STATUS_SUCCESS;
        }
        move_to(state_, ConnectState::unbound);
    }
    services.probes().bind_failed({address, bound.status()});
    return bound.status();
}

NTSTATUS Connector::begin_to_listen_locked() noexcept {
    if (state_ != ConnectState::bound || (OWSK_PLANTED(refusal_commits) && attempts_ != 0)) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    move_to(state_, ConnectState::listening);
    return STATUS_SUCCESS;
}

Result<std::unique_ptr<net::Listener>> Connector::listen(
    const net::OptionValues& inherited) noexcept {
    net::Connector* transport = nullptr;
    {
        SocketLock lock(core_.mutex());
        transport = transport_.get();
    }
    Result<std::unique_ptr<net::Listener>> listener =
        held_.listen(core_.mutex(), core_.services().addresses(), *transport, inherited);
    if (!listener) {
        SocketLock lock(core_.mutex());
        // Unless a connection has come that was given up too late; then there is no way back.
        if (state_ == ConnectState::listening) {
            move_to(state_, ConnectState::bound);
        }
    }
    return listener;
}

void Connector::spend_locked() noexcept {
    move_to(state_, ConnectState::spent);
}

std::optional<Address> Connector::bound_address_locked() const noexcept {
    return transport_ == nullptr ? std::nullopt : std::optional(transport_->local_address());
}

NTSTATUS Connector::check_first(const WSK_BUF& first) noexcept {
    if (first.Length > first_bytes_max) {
        return STATUS_BUFFER_OVERFLOW;
    }
    return is_well_formed(first) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS Connector::connect(const SOCKADDR* remote,
                            const WSK_BUF* first,
                            ULONG flags,
                            PIRP irp) noexcept {
    const Result<Address> to = address_for(family_, remote, flags);
    NTSTATUS status = to.status();
    Request request;
    {
        SocketLock lock(core_.mutex());
        request = core_.begin_locked(irp, Operation::connect, *this, core_.turn());
        if (NT_SUCCESS(status) && first != nullptr) {
            status = check_first(*first);
            TransferParameters::of(request) = TransferParameters::from(*first, 0);
        }
        if (NT_SUCCESS(status)) {
            status = start_locked(request, *to);
        }
        if (NT_SUCCESS(status)) {
            return core_.turn().pend_locked(connects_, request);
        }
    }
    request.decide(status, 0);
    return core_.turn().finish(request, core_.choose_mode(Operation::connect));
}

NTSTATUS Connector::bind_and_connect(const SOCKADDR* local,
                                     const SOCKADDR* remote,
                                     ULONG flags,
                                     PIRP irp) noexcept {
    const Result<Address> from = address_for(family_, local, flags);
    const Result<Address> to = address_for(family_, remote, flags);
    Request request;
    {
        SocketLock lock(core_.mutex());
        request = core_.begin_locked(irp, Operation::socket_connect, *this, core_.turn());
    }
    NTSTATUS status = from && to ? bind_to(*from) : STATUS_INVALID_PARAMETER;
    SocketLock lock(core_.mutex());
    if (NT_SUCCESS(status)) {
        status = start_locked(request, *to);
    }
    if (NT_SUCCESS(status)) {
        return core_.turn().pend_locked(connects_, request);
    }
    // In the turn, so that the socket goes only when the request has.
    request.decide(status, 0);
    settle_locked(request);
    return core_.turn().finish_later_locked(request);
}

NTSTATUS Connector::start_locked(Request request, const Address& remote) noexcept {
    if (request.is_cancelled()) {
        return STATUS_CANCELLED;
    }
    if (state_ != ConnectState::bound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    // Linux takes the wildcard for this computer; Windows knows nobody of that name.
    if (net::v4_unmapped(remote).is_wildcard() || remote.port == 0) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    net::Connector& transport = *transport_;
    core_.visit_options_locked([&](net::SocketOption option, std::uint32_t value) {
        static_cast<void>(transport.set_option(option, value));
    });
    TransferParameters& first = TransferParameters::of(request);
    const Result<std::size_t> taken = transport.connect_with(
        Slices(first).get(), remote, attempts_ + 1, core_.turn().processor(), *this);
    if (taken) {
        first.done = *taken;
        ++attempts_;
        move_to(state_, ConnectState::connecting);
    }
    return taken.status();
}

void Connector::stop_locked() noexcept {
    if (state_ == ConnectState::connecting) {
        transport_->abandon();
        move_to(state_, ConnectState::bound);
    }
}

void Connector::settle_locked(Request request) noexcept {
    if (request.operation() == Operation::socket_connect && !NT_SUCCESS(request.status())) {
        core_.close_unowned_locked();
    }
}

void Connector::on_not_connected(unsigned attempt, NTSTATUS status) noexcept {
    core_.mutex().lock();
    if (state_ == ConnectState::connecting && attempt == attempts_ &&
        !OWSK_PLANTED(refusal_forgotten)) {
        move_to(state_, ConnectState::bound);
        if (const Request request = core_.turn().claim_next_locked(connects_)) {
            request.decide(status, 0);
            settle_locked(request);
            core_.turn().finish_claimed_locked(request);
        }
    }
    core_.take_turns_and_unlock();
}

void Connector::on_connected(std::unique_ptr<net::Connection> connection) noexcept {
    Request request;
    {
        SocketLock lock(core_.mutex());
        request = core_.turn().claim_next_locked(connects_);
        // Without a request it was cancelled, or the socket closed, while this was on its way. With
        // one there is nothing any more that a close could take back.
        move_to(state_, request ? ConnectState::connected : ConnectState::spent);
    }
    if (!request) {
        return;
    }
    // The socket stays while the request is not complete.
    const NTSTATUS status = core_.take_up(std::move(connection));
    core_.mutex().lock();
    if (!NT_SUCCESS(status)) {
        move_to(state_, ConnectState::spent);
    }
    if (NT_SUCCESS(status) && TransferParameters::of(request).length != 0 &&
        !OWSK_PLANTED(first_bytes_forgotten)) {
        core_.send_first_locked(request);
        core_.take_turns_and_unlock();
        return;
    }
    const bool makes_socket = request.operation() == Operation::socket_connect;
    request.decide(
        status, NT_SUCCESS(status) && makes_socket ? reinterpret_cast<ULONG_PTR>(core_.api()) : 0);
    settle_locked(request);
    core_.turn().finish_claimed_locked(request);
    core_.take_turns_and_unlock();
}

void Connector::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    TransferParameters::of(request).visit_memory(visitor);
}

void Connector::cancel(Request request) noexcept {
    SocketLock lock(core_.mutex());
    withdraw_locked(request);
}

void Connector::withdraw_locked(Request request) noexcept {
    // Its attempt may be over already, and another one under way.
    if (!connects_.empty() && connects_.front().irp() == request.irp()) {
        stop_locked();
    }
    core_.turn().withdraw_locked(request, 0);
    settle_locked(request);
}

void Connector::cancel_all_locked() noexcept {
    stop_locked();
    if (!OWSK_PLANTED(connects_not_cancelled)) {
        core_.turn().decide_all_locked(connects_, STATUS_CANCELLED);
    }
}

bool Connector::close(host::Task& closed) noexcept {
    net::Connector* transport = nullptr;
    {
        SocketLock lock(core_.mutex());
        transport = attempts_ != 0 ? transport_.get() : nullptr;
    }
    if (transport == nullptr) {
        return false;
    }
    transport->close(closed);
    return true;
}

NTSTATUS Connector::set_v6_only_locked(ULONG value) noexcept {
    if (state_ != ConnectState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (value > 1) {
        return STATUS_INVALID_PARAMETER;
    }
    v6_only_ = value != 0;
    return STATUS_SUCCESS;
}

NTSTATUS Connector::set_option_locked(ULONG level, ULONG option, ULONG value) noexcept {
    const Sharing sharing = SharingChoice::of_option(level, option);
    if (sharing == Sharing::none) {
        return STATUS_NOT_SUPPORTED;
    }
    if (state_ != ConnectState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return value > 1 ? STATUS_INVALID_PARAMETER : sharing_.set(sharing, value != 0);
}

Result<ULONG> Connector::get_option_locked(ULONG level, ULONG option) const noexcept {
    const Sharing sharing = SharingChoice::of_option(level, option);
    if (sharing == Sharing::none) {
        return STATUS_NOT_SUPPORTED;
    }
    return sharing_.option_value(sharing);
}

NTSTATUS Connector::set_descriptor_locked(DescriptorRef descriptor) noexcept {
    if (state_ != ConnectState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    sharing_.set_descriptor(std::move(descriptor));
    return STATUS_SUCCESS;
}

}  // namespace owsk::wsk
