// SPDX-License-Identifier: MIT
// The connection of the network, as the roles see it, and its options.
#include "wsk/connection/connection_core.h"

#include <utility>

#include "wsk/connection/dispatch.h"
#include "wsk/request/completion_policy.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

ConnectionCore::ConnectionCore(SocketClient& client,
                               Category category,
                               const VOID* functions,
                               PVOID context,
                               const VOID* dispatch,
                               host::Processor& processor) noexcept
    : Socket(client, category, functions, processor),
      context_(context),
      dispatch_(dispatch, "WskSocket") {}

ConnectionCore::ConnectionCore(SocketClient& client,
                               AcceptedConnection accepted,
                               host::Processor& processor) noexcept
    : Socket(client, Category::connection, &connection_dispatch, processor),
      connection_(std::move(accepted.connection)),
      inspect_id_(accepted.inspect_id.value_or(InspectId{})),
      context_(accepted.context),
      dispatch_(accepted.dispatch, "WskAccept"),
      options_(accepted.options.empty() ? nullptr
                                        : std::make_unique<net::OptionValues>(accepted.options)),
      is_connected_(true) {}

void ConnectionCore::keep_connection(std::unique_ptr<net::Connection> connection) noexcept {
    const bool connects = connection != nullptr;
    services().sockets().change([&] { connection_.swap(connection); });
    is_connected_.store(connects, std::memory_order_release);
}

CompletionMode ConnectionCore::choose_mode(Operation operation) noexcept {
    return services().completion().choose(operation);
}

void ConnectionCore::note_failure_locked() noexcept {
    failed_ = true;
    turn().want_locked();
}

bool ConnectionCore::event_is_on_locked(ULONG event) const noexcept {
    return !is_closing_locked() && dispatch_is_known_ && events().is_on(event) &&
           has_callbacks_locked(event);
}

bool ConnectionCore::has_callbacks_locked(ULONG mask) const noexcept {
    if (!dispatch_is_known_) {
        return true;
    }
    const WSK_CLIENT_CONNECTION_DISPATCH& named = dispatch_.named();
    return ((mask & WSK_EVENT_RECEIVE) == 0 || named.WskReceiveEvent != nullptr) &&
           ((mask & WSK_EVENT_DISCONNECT) == 0 || named.WskDisconnectEvent != nullptr) &&
           ((mask & WSK_EVENT_SEND_BACKLOG) == 0 || named.WskSendBacklogEvent != nullptr);
}

void ConnectionCore::await_callbacks_locked() noexcept {
    dispatch_is_known_ = false;
}

void ConnectionCore::name_callbacks_locked(
    PVOID context, const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept {
    context_ = context;
    dispatch_ = {dispatch, "WskAcceptEvent"};
    dispatch_is_known_ = true;
}

NTSTATUS ConnectionCore::start_connection(net::ConnectionEvents& events) noexcept {
    if (services().sends_wait_for_acknowledgment()) {
        connection_->announce_acknowledgments();
    }
    const NTSTATUS status = connection_->start(turn().processor(), events);
    SocketLock lock(mutex());
    started_ = NT_SUCCESS(status);
    return status;
}

void ConnectionCore::want_turn_at_locked(Instant due) noexcept {
    alarm_is_set_ = true;
    alarm_was_set_ = true;
    turn().processor().set_timer(*this, due);
}

void ConnectionCore::expire() noexcept {
    SocketLock lock(mutex());
    alarm_is_set_ = false;
    on_alarm_locked();
    want_turns_locked();
}

void ConnectionCore::cancel_alarm() noexcept {
    bool was_set = false;
    {
        SocketLock lock(mutex());
        was_set = alarm_was_set_;
    }
    if (was_set) {
        turn().processor().cancel_timer(*this);
    }
}

std::unique_ptr<net::Connection> ConnectionCore::release_connection() noexcept {
    std::unique_ptr<net::Connection> connection;
    auto former = std::make_unique<const std::string>(description());
    services().sockets().change([&] {
        former_description_ = std::move(former);
        connection = std::move(connection_);
    });
    is_connected_.store(false, std::memory_order_release);
    return connection;
}

std::string ConnectionCore::description() const {
    if (former_description_ != nullptr) {
        return *former_description_;
    }
    if (connection_ == nullptr) {
        return category() == Category::stream ? "stream socket, neither listening nor connected"
                                              : "connection-oriented socket, not connected";
    }
    return "connection of " + to_string(connection_->remote_address()) + " to " +
           to_string(connection_->local_address());
}

Result<InspectId> ConnectionCore::inspect_id() const noexcept {
    if (inspect_id_.number == 0) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    return inspect_id_;
}

Result<Address> ConnectionCore::local_address() noexcept {
    if (is_connected()) {
        return connection_->local_address();
    }
    SocketLock lock(mutex());
    if (const std::optional<Address> bound = bound_address_locked()) {
        return *bound;
    }
    return STATUS_INVALID_DEVICE_STATE;
}

Result<Address> ConnectionCore::remote_address() noexcept {
    if (!is_connected()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return connection_->remote_address();
}

NTSTATUS ConnectionCore::set_option(ULONG level, ULONG option, ULONG value) noexcept {
    const auto transport = transport_option(level, option);
    SocketLock lock(mutex());
    if (!transport.has_value()) {
        return set_early_option_locked(level, option, value);
    }
    return may_be(*transport, value) ? set_transport_option_locked(*transport, value)
                                     : STATUS_INVALID_PARAMETER;
}

NTSTATUS ConnectionCore::set_transport_option_locked(net::SocketOption option,
                                                     ULONG value) noexcept {
    // The SYN has been sent.
    if (option == net::SocketOption::fast_open && is_connected()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (options_ == nullptr) {
        options_ = std::make_unique<net::OptionValues>();
    }
    options_->remember(option, value);
    return is_connected() ? connection_->set_option(option, value) : STATUS_SUCCESS;
}

Result<ULONG> ConnectionCore::get_option(ULONG level, ULONG option) noexcept {
    const auto transport = transport_option(level, option);
    SocketLock lock(mutex());
    return transport.has_value() ? get_transport_option_locked(*transport)
                                 : get_early_option_locked(level, option);
}

Result<ULONG> ConnectionCore::get_transport_option_locked(net::SocketOption option) noexcept {
    if (const auto value = options_ != nullptr ? options_->value(option) : std::nullopt) {
        return *value;
    }
    if (!is_connected()) {
        return ULONG{0};
    }
    return connection_->get_option(option);
}

}  // namespace owsk::wsk
