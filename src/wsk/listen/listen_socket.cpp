// SPDX-License-Identifier: MIT
// What a listening socket is made of: the order of its work, its notes from the network, its end.
#include "wsk/listen/listen_socket.h"

#include "wsk/listen/dispatch.h"
#include "wsk/registration/client.h"
#include "wsk/socket/call_out.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

ListenSocket::ListenSocket(Client& client,
                           const ListenTransport& transport,
                           PVOID context,
                           const VOID* dispatch,
                           host::Processor& processor) noexcept
    : Socket(client, Category::listen, &listen_dispatch, processor),
      family_(transport.family),
      can_be_bound_(transport.protocol == IPPROTO_TCP),
      context_(context),
      dispatch_(dispatch, "WskSocket") {
    events_.set_static(static_events_of(Category::listen, client.static_events()));
    listeners_entry_.socket = this;
    provider().listeners().add(listeners_entry_);
}

ListenSocket::~ListenSocket() {
    provider().listeners().remove(listeners_entry_);
}

std::string ListenSocket::description() const {
    return reported_address_.has_value() ? "listening socket on " + to_string(*reported_address_)
                                         : "listening socket, not bound";
}

NTSTATUS ListenSocket::health() noexcept {
    Lock lock(mu_);
    return state_ == ListenState::failed ? STATUS_FILE_FORCED_CLOSED : STATUS_SUCCESS;
}

Result<Address> ListenSocket::local_address() noexcept {
    Lock lock(mu_);
    if (listener_ == nullptr) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    return listener_->local_address();
}

// The order matters: a request is inspected, or reported as gone, before anything is delivered.
bool ListenSocket::step_locked() noexcept {
    return announce_failure_locked() || inspect_next_locked() || report_next_abort_locked() ||
           serve_next_accept_locked() || deliver_next_by_event_locked();
}

void ListenSocket::on_incoming() noexcept {
    mu_.lock();
    incoming_ = true;
    take_turn_and_unlock();
}

void ListenSocket::on_request(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept {
    mu_.lock();
    uninspected_.push_back(std::move(attempt));
    // The client waits, and at the SYN gate its CPU does.
    take_turn_and_unlock();
}

void ListenSocket::on_failed(NTSTATUS) noexcept {
    Lock lock(mu_);
    if (state_ == ListenState::listening || state_ == ListenState::binding) {
        move_to(state_, ListenState::failed);
        decide_all_locked(accepts_, STATUS_FILE_FORCED_CLOSED);
        want_turn_locked();
    }
}

void ListenSocket::on_accepting_paused() noexcept {
    provider().probes().accepting_paused({*local_address()});
}

void ListenSocket::on_accepting_resumed() noexcept {
    provider().probes().accepting_resumed({*local_address()});
}

// A dead listener tells each of its callbacks once, by a NULL socket or identifier.
bool ListenSocket::announce_failure_locked() noexcept {
    if (state_ != ListenState::failed || failure_announced_ || closing_) {
        return false;
    }
    failure_announced_ = true;
    const bool tell_accept =
        events_.is_on(WSK_EVENT_ACCEPT) && has_callbacks_locked(WSK_EVENT_ACCEPT);
    const bool tell_inspect = conditional_;
    mu_.unlock();
    if (tell_accept) {
        PVOID context = nullptr;
        const WSK_CLIENT_CONNECTION_DISPATCH* dispatch = nullptr;
        static_cast<void>(call_out(dispatch_->WskAcceptEvent,
                                   context_,
                                   dispatch_level_flag(),
                                   nullptr,
                                   nullptr,
                                   nullptr,
                                   &context,
                                   &dispatch));
    }
    if (tell_inspect) {
        static_cast<void>(
            call_out(dispatch_->WskInspectEvent, context_, nullptr, nullptr, nullptr));
    }
    mu_.lock();
    return true;
}

bool ListenSocket::can_have_events_locked() const noexcept {
    return state_ == ListenState::listening;
}

bool ListenSocket::has_callbacks_locked(ULONG mask) const noexcept {
    // Connection events are for sockets that bring their own table.
    return (mask & WSK_EVENT_ACCEPT) == 0 || dispatch_.named().WskAcceptEvent != nullptr;
}

void ListenSocket::cancel_all_locked() noexcept {
    decide_all_locked(accepts_, STATUS_CANCELLED);
}

bool ListenSocket::close_transport(host::Task& closed) noexcept {
    net::Listener* listener = nullptr;
    AddressTable::Hold hold;
    std::deque<Established> established;
    {
        Lock lock(mu_);
        listener = listener_.get();
        hold = hold_;
        established.swap(established_);
    }
    // Connections that nobody has accepted are reset.
    for (Established& waiting : established) {
        waiting.connection->abort();
    }
    if (listener == nullptr) {
        return false;
    }
    provider().addresses().release(hold);
    provider().probes().listener_closed({listener->local_address()});
    listener->close(closed);
    return true;
}

}  // namespace owsk::wsk
