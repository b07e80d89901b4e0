// SPDX-License-Identifier: MIT
// How a stream socket becomes a listener, and which of its parts work.
#include "wsk/stream/stream_socket.h"

#include <utility>

#include "base/planted.h"
#include "wsk/socket/options.h"
#include "wsk/stream/dispatch.h"

namespace owsk::wsk {

StreamSocket::StreamSocket(SocketClient& client,
                           Family family,
                           PVOID context,
                           const VOID* dispatch,
                           host::Processor& processor) noexcept
    : StreamSocket(client, family, context, Tables(dispatch, "WskSocket"), processor) {}

StreamSocket::StreamSocket(SocketClient& client,
                           Family family,
                           PVOID context,
                           const Tables& tables,
                           host::Processor& processor) noexcept
    : ConnectionSocket(client,
                       Category::stream,
                       &stream_dispatch,
                       family,
                       context,
                       tables.named().Connect,
                       processor),
      Listening(static_cast<Socket&>(*this), context, tables.named().Listen),
      tables_(tables),
      link_(services().listeners(), *this) {}

std::string StreamSocket::description() const {
    const std::optional<Address>& address = core().reported_address();
    return address.has_value() ? "listening socket on " + to_string(*address)
                               : ConnectionSocket::description();
}

NTSTATUS StreamSocket::listen(PIRP irp) noexcept {
    const Request request = begin(irp, Operation::listen);
    return finish(request, start_to_listen());
}

NTSTATUS StreamSocket::begin_to_listen(net::OptionValues& inherited) noexcept {
    SocketLock lock(mutex());
    if (core().state_locked() == ListenState::failed) {
        return STATUS_FILE_FORCED_CLOSED;
    }
    const NTSTATUS status = connector()->begin_to_listen_locked();
    if (NT_SUCCESS(status)) {
        core().move_to_locked(ListenState::binding);
        net::OptionValues& handed_on = core().inherited_locked();
        visit_options_locked([&](net::SocketOption option, std::uint32_t value) {
            handed_on.remember(option, value);
        });
        inherited = handed_on;
    }
    return status;
}

NTSTATUS StreamSocket::start_to_listen() noexcept {
    net::OptionValues inherited;
    NTSTATUS status = begin_to_listen(inherited);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    static_cast<void>(tables_.operator->());
    Result<std::unique_ptr<net::Listener>> made = connector()->listen(inherited);
    status = made.status();
    if (made) {
        net::Listener& listener = **made;
        {
            SocketLock lock(mutex());
            core().set_listener_locked(std::move(*made));
        }
        status = core().start(listener, *this);
    }
    if (!NT_SUCCESS(status)) {
        give_up(status);
    }
    return status;
}

void StreamSocket::give_up(NTSTATUS status) noexcept {
    const Address address = *local_address();
    std::unique_ptr<net::Listener> listener;
    {
        SocketLock lock(mutex());
        listener = core().take_listener_locked();
        core().move_to_locked(ListenState::unbound);
        if (listener != nullptr) {
            connector()->spend_locked();
        }
    }
    if (listener != nullptr) {
        connector()->release_address();
    }
    services().probes().bind_failed({address, status});
}

NTSTATUS StreamSocket::take_up(std::unique_ptr<net::Connection> connection) noexcept {
    static_cast<void>(tables_.operator->());
    return ConnectionSocket::take_up(std::move(connection));
}

// A listener that has failed tells its callback once.
bool StreamSocket::step_locked(Turn& turn) noexcept {
    if (!is_listener_locked()) {
        return ConnectionSocket::step_locked(turn);
    }
    const bool accepting = !has_role_turns() || &turn == &core().turn_of_acceptor();
    return accepting &&
           (acceptor_part().announce_failure_locked() || acceptor_part().step_locked());
}

void StreamSocket::cancel_all_locked() noexcept {
    ConnectionSocket::cancel_all_locked();
    if (!OWSK_PLANTED(stream_accepts_not_cancelled)) {
        acceptor_part().decide_all_locked(STATUS_CANCELLED);
    }
}

bool StreamSocket::close_transport(host::Task& closed) noexcept {
    bool listens = false;
    {
        SocketLock lock(mutex());
        listens = core().listener_locked() != nullptr;
    }
    if (!listens) {
        return ConnectionSocket::close_transport(closed);
    }
    connector()->release_address();
    // Attempts to connect that came to nothing may still be announced; then comes the listener.
    closed_ = &closed;
    return connector()->close(attempts_end_) || close_listener(closed);
}

NTSTATUS StreamSocket::set_transport_option_locked(net::SocketOption option, ULONG value) noexcept {
    if (!is_listener_locked()) {
        return ConnectionSocket::set_transport_option_locked(option, value);
    }
    if (core().state_locked() == ListenState::binding) {
        // In case that it comes to nothing.
        static_cast<void>(ConnectionSocket::set_transport_option_locked(option, value));
    }
    return core().set_option_locked(option, value);
}

Result<ULONG> StreamSocket::get_transport_option_locked(net::SocketOption option) noexcept {
    return is_listener_locked() ? core().get_option_locked(option)
                                : ConnectionSocket::get_transport_option_locked(option);
}

NTSTATUS StreamSocket::set_early_option_locked(ULONG level, ULONG option, ULONG value) noexcept {
    if (is_v6_only(level, option) && connector()->family() == Family::ipv6) {
        return connector()->set_v6_only_locked(value);
    }
    return ConnectionSocket::set_early_option_locked(level, option, value);
}

Result<ULONG> StreamSocket::get_early_option_locked(ULONG level, ULONG option) const noexcept {
    if (is_v6_only(level, option) && connector()->family() == Family::ipv6) {
        return ULONG{connector()->is_v6_only_locked() ? 1U : 0U};
    }
    return ConnectionSocket::get_early_option_locked(level, option);
}

bool StreamSocket::can_have_events_locked() const noexcept {
    return core().state_locked() == ListenState::listening ||
           ConnectionSocket::can_have_events_locked();
}

ULONG StreamSocket::event_kinds_locked() const noexcept {
    return ConnectionSocket::can_have_events_locked() ? connection_events
                                                      : event_kinds_of(Category::stream);
}

bool StreamSocket::has_callbacks_locked(ULONG mask) const noexcept {
    return is_listener_locked() ? core().has_callbacks(mask)
                                : ConnectionSocket::has_callbacks_locked(mask);
}

}  // namespace owsk::wsk
