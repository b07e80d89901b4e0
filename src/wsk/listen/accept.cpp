// SPDX-License-Identifier: MIT
// Established connections and who takes them: a WskAccept IRP first, then WskAcceptEvent; else they
// wait. Connections of a plain listener wait in the network until somebody wants them.
#include "base/planted.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/listen/listen_socket.h"
#include "wsk/registration/client.h"
#include "wsk/socket/call_out.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// Fills the outputs of WskAccept. They may be gone once the IRP has completed.
void write_addresses(const AcceptParameters& parameters, ConnectionSocket& socket) noexcept {
    if (parameters.local_address != nullptr) {
        write_sockaddr(*socket.local_address(), parameters.local_address);
    }
    if (parameters.remote_address != nullptr) {
        write_sockaddr(*socket.remote_address(), parameters.remote_address);
    }
}

}  // namespace

std::optional<ListenSocket::Established> ListenSocket::next_established_locked(
    bool ask_network) noexcept {
    if (!established_.empty()) {
        Established next = std::move(established_.front());
        established_.pop_front();
        return next;
    }
    if (conditional_ || !ask_network) {
        return std::nullopt;
    }
    Result<std::unique_ptr<net::Connection>> connection = listener_->accept();
    if (!connection || *connection == nullptr) {
        incoming_ = false;
        return std::nullopt;
    }
    return Established{std::move(*connection)};
}

ConnectionSocket* ListenSocket::make_socket_locked(
    Established established,
    PVOID context,
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept {
    if (conditional_) {
        listener_->connection_taken();
    }
    if (provider().faults().strikes(Fault::socket_allocation)) {
        return nullptr;
    }
    auto* socket = new (std::nothrow) ConnectionSocket(
        client(),
        {std::move(established.connection), established.inspect_id, options_, context, dispatch},
        provider().next_processor());
    if (socket != nullptr) {
        socket->enlist();
    }
    return socket;
}

NTSTATUS ListenSocket::accept_check_locked(ULONG flags) const noexcept {
    if (state_ == ListenState::failed) {
        return STATUS_FILE_FORCED_CLOSED;
    }
    if (flags != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    return state_ == ListenState::listening ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE;
}

NTSTATUS ListenSocket::accept(const AcceptParameters& parameters, ULONG flags, PIRP irp) noexcept {
    const CompletionMode mode = provider().choose(Operation::accept);
    Request request;
    ConnectionSocket* socket = nullptr;
    NTSTATUS status = STATUS_SUCCESS;
    {
        Lock lock(mu_);
        request = begin_locked(irp, Operation::accept);
        request.accept() = parameters;
        status = request.is_cancelled() ? STATUS_CANCELLED : accept_check_locked(flags);
        if (NT_SUCCESS(status)) {
            const bool waits = !accepts_.empty() && !OWSK_PLANTED(accept_overtakes);
            if (waits || !take_turn_in_call_locked(mode)) {
                want_turn_locked();
                return pend_locked(accepts_, request);
            }
            std::optional<Established> waiting = next_established_locked(true);
            if (!waiting.has_value()) {
                give_turn_back_locked();
                return pend_locked(accepts_, request);
            }
            socket =
                make_socket_locked(std::move(*waiting), parameters.context, parameters.dispatch);
        }
    }
    if (!NT_SUCCESS(status)) {
        return finish(request, status);
    }
    if (socket == nullptr) {
        request.decide(STATUS_INSUFFICIENT_RESOURCES, 0);
        return finish_in_call(request, mode);
    }
    const Introduction introduction(*socket);
    answer_accept(request, *socket);
    return finish_in_call(request, mode);
}

void ListenSocket::answer_accept(Request request, ConnectionSocket& socket) noexcept {
    write_addresses(request.accept(), socket);
    socket.start();
    provider().probes().connection_accepted(
        {*socket.local_address(), *socket.remote_address(), probe::AcceptPath::irp});
    request.decide(STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(socket.api()));
}

bool ListenSocket::serve_next_accept_locked() noexcept {
    if (closing_ || state_ != ListenState::listening || accepts_.empty()) {
        return false;
    }
    std::optional<Established> waiting = next_established_locked(incoming_);
    if (!waiting.has_value()) {
        return false;
    }
    const Request request = claim_next_locked(accepts_);
    if (!request) {
        // Every queued accept is just being cancelled: the connection waits for the next one.
        if (!OWSK_PLANTED(connection_dropped)) {
            established_.push_front(std::move(*waiting));
        }
        return true;
    }
    const AcceptParameters& parameters = request.accept();
    ConnectionSocket* const socket =
        make_socket_locked(std::move(*waiting), parameters.context, parameters.dispatch);
    mu_.unlock();
    if (socket == nullptr) {
        request.decide(STATUS_INSUFFICIENT_RESOURCES, 0);
        complete_claimed(request);
    } else {
        const Introduction introduction(*socket);
        answer_accept(request, *socket);
        complete_claimed(request);
    }
    mu_.lock();
    return true;
}

bool ListenSocket::deliver_next_by_event_locked() noexcept {
    if (closing_ || state_ != ListenState::listening || !events_.is_on(WSK_EVENT_ACCEPT) ||
        !has_callbacks_locked(WSK_EVENT_ACCEPT)) {
        return false;
    }
    std::optional<Established> waiting = next_established_locked(incoming_);
    if (!waiting.has_value()) {
        return false;
    }
    const ULONG inherited = events_.enabled() & connection_events;
    ConnectionSocket* const socket = make_socket_locked(std::move(*waiting), nullptr, nullptr);
    if (socket == nullptr) {
        return true;
    }
    events_.begin_call(WSK_EVENT_ACCEPT);
    mu_.unlock();
    const Address local = *socket->local_address();
    const Address remote = *socket->remote_address();
    {
        const Introduction introduction(*socket);
        // Before the callback, which may disable some of them.
        socket->introduce(inherited);
        socket->start();
        SockaddrCopy local_copy(local);
        SockaddrCopy remote_copy(remote);
        PVOID context = nullptr;
        const WSK_CLIENT_CONNECTION_DISPATCH* dispatch = nullptr;
        const NTSTATUS answer = call_out(dispatch_->WskAcceptEvent,
                                         context_,
                                         dispatch_level_flag(),
                                         local_copy.get(),
                                         remote_copy.get(),
                                         socket->api(),
                                         &context,
                                         &dispatch);
        if (NT_SUCCESS(answer)) {
            socket->adopt(context, dispatch);
            provider().probes().connection_accepted({local, remote, probe::AcceptPath::event});
        } else {
            socket->decline();
            provider().probes().connection_declined({local, remote});
        }
    }
    mu_.lock();
    events_.end_call();
    return true;
}

}  // namespace owsk::wsk
