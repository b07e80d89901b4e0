// SPDX-License-Identifier: MIT
// How the roles of a listening socket work together.
#include "wsk/listen/listen_socket.h"

#include <utility>

#include "wsk/listen/dispatch.h"
#include "wsk/socket/options.h"

namespace owsk::wsk {

ListenSocket::ListenSocket(SocketClient& client,
                           const ListenTransport& transport,
                           PVOID context,
                           const VOID* dispatch,
                           host::Processor& processor) noexcept
    : Socket(client, Category::listen, &listen_dispatch, processor),
      Listening(static_cast<Socket&>(*this), context, dispatch),
      binding_(core(), transport),
      inspections_(core()),
      link_(services().listeners(), *this) {}

std::string ListenSocket::description() const {
    const std::optional<Address>& address = core().reported_address();
    return address.has_value() ? "listening socket on " + to_string(*address)
                               : "listening socket, not bound";
}

// The order matters: an attempt is inspected, or reported as gone, before anything is delivered.
bool ListenSocket::step_locked(Turn& turn) noexcept {
    const bool all = !has_role_turns();
    const bool accepting = all || &turn == &core().turn_of_acceptor();
    const bool inspecting = all || &turn == &core().turn_of_inspections();
    // A dead listener tells each of its callbacks once.
    return (accepting && acceptor_part().announce_failure_locked()) ||
           (inspecting && inspections_.announce_failure_locked()) ||
           (inspecting && inspections_.step_locked()) ||
           (accepting && acceptor_part().step_locked());
}

void ListenSocket::on_attempt(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept {
    mutex().lock();
    inspections_.add_locked(std::move(attempt));
    // The client waits, and at the SYN gate its CPU does.
    take_turns_and_unlock();
}

void ListenSocket::on_established(net::ConnectionAttempt& attempt,
                                  std::unique_ptr<net::Connection> connection) noexcept {
    SocketLock lock(mutex());
    acceptor_part().add_locked(
        {std::move(connection), inspections_.settle_locked(attempt), attempt.arrived_at()});
    want_turns_locked();
}

void ListenSocket::on_aborted(net::ConnectionAttempt& attempt) noexcept {
    inspections_.note_aborted(attempt);
}

Result<Address> ListenSocket::local_address() noexcept {
    SocketLock lock(mutex());
    net::Listener* const listener = core().listener_locked();
    if (listener == nullptr) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return listener->local_address();
}

NTSTATUS ListenSocket::set_option(ULONG level, ULONG option, ULONG value) noexcept {
    SocketLock lock(mutex());
    const auto transport = transport_option(level, option);
    if (!transport.has_value()) {
        return binding_.set_option_locked(level, option, value);
    }
    return may_be(*transport, value) ? core().set_option_locked(*transport, value)
                                     : STATUS_INVALID_PARAMETER;
}

Result<ULONG> ListenSocket::get_option(ULONG level, ULONG option) noexcept {
    SocketLock lock(mutex());
    const auto transport = transport_option(level, option);
    return transport.has_value() ? core().get_option_locked(*transport)
                                 : binding_.get_option_locked(level, option);
}

NTSTATUS ListenSocket::set_descriptor(DescriptorRef descriptor) noexcept {
    SocketLock lock(mutex());
    return binding_.set_descriptor_locked(std::move(descriptor));
}

DescriptorRef ListenSocket::descriptor() noexcept {
    SocketLock lock(mutex());
    return binding_.descriptor_locked();
}

bool ListenSocket::can_have_events_locked() const noexcept {
    return core().state_locked() == ListenState::listening;
}

void ListenSocket::cancel_all_locked() noexcept {
    acceptor_part().decide_all_locked(STATUS_CANCELLED);
}

bool ListenSocket::close_transport(host::Task& closed) noexcept {
    binding_.release_address();
    return close_listener(closed);
}

}  // namespace owsk::wsk
