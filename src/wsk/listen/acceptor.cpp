// SPDX-License-Identifier: MIT
// WskAccept, and the sockets that are made of connections.
#include "wsk/listen/acceptor.h"

#include <new>
#include <utility>

#include "base/planted.h"
#include "wsk/request/completion_policy.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

AcceptParameters& parameters_of(Request request) noexcept {
    return request.parameters<AcceptParameters>();
}

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

std::optional<Acceptor::Established> Acceptor::next_established_locked(bool ask_network) noexcept {
    if (!established_.empty()) {
        Established next = std::move(established_.front());
        established_.pop_front();
        return next;
    }
    if (core_.is_conditional_locked() || !ask_network) {
        return std::nullopt;
    }
    Result<std::unique_ptr<net::Connection>> connection = core_.listener_locked()->accept();
    if (!connection || *connection == nullptr) {
        incoming_ = false;
        return std::nullopt;
    }
    return Established{std::move(*connection)};
}

ConnectionSocket* Acceptor::make_socket_locked(
    Established established,
    PVOID context,
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept {
    if (core_.is_conditional_locked()) {
        core_.listener_locked()->connection_taken();
    }
    Services& services = core_.socket().services();
    if (services.faults().strikes(Fault::socket_allocation)) {
        return nullptr;
    }
    auto* socket = new (std::nothrow) ConnectionSocket(core_.socket().client(),
                                                       {std::move(established.connection),
                                                        established.inspect_id,
                                                        core_.inherited_locked(),
                                                        context,
                                                        dispatch},
                                                       services.next_processor());
    if (socket != nullptr) {
        socket->enlist(nullptr);
    }
    return socket;
}

NTSTATUS Acceptor::check_locked(ULONG flags) const noexcept {
    if (core_.state_locked() == ListenState::failed) {
        return STATUS_FILE_FORCED_CLOSED;
    }
    if (flags != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    return core_.state_locked() == ListenState::listening ? STATUS_SUCCESS
                                                          : STATUS_INVALID_DEVICE_STATE;
}

NTSTATUS Acceptor::accept(const AcceptParameters& parameters, ULONG flags, PIRP irp) noexcept {
    require_sockaddr(parameters.local_address, "WskAccept");
    require_sockaddr(parameters.remote_address, "WskAccept");
    const CompletionMode mode = core_.socket().services().completion().choose(Operation::accept);
    Turn& turn = core_.turn_of_acceptor();
    Request request;
    ConnectionSocket* socket = nullptr;
    NTSTATUS status = STATUS_SUCCESS;
    {
        SocketLock lock(core_.socket().mutex());
        request = core_.socket().begin_locked(irp, Operation::accept, *this, turn);
        parameters_of(request) = parameters;
        status = request.is_cancelled() ? STATUS_CANCELLED : check_locked(flags);
        if (NT_SUCCESS(status)) {
            const bool waits = !accepts_.empty() && !OWSK_PLANTED(accept_overtakes);
            if (waits || !turn.take_in_call_locked(mode)) {
                turn.want_locked();
                return turn.pend_locked(accepts_, request);
            }
            std::optional<Established> waiting = next_established_locked(true);
            if (!waiting.has_value()) {
                turn.give_back_locked();
                return turn.pend_locked(accepts_, request);
            }
            socket =
                make_socket_locked(std::move(*waiting), parameters.context, parameters.dispatch);
        }
    }
    if (!NT_SUCCESS(status)) {
        request.decide(status, 0);
        return turn.finish(request, mode);
    }
    if (socket == nullptr) {
        request.decide(STATUS_INSUFFICIENT_RESOURCES, 0);
        return turn.finish_in_call(request, mode);
    }
    const Introduction introduction(*socket);
    answer(request, *socket);
    return turn.finish_in_call(request, mode);
}

void Acceptor::answer(Request request, ConnectionSocket& socket) noexcept {
    write_addresses(parameters_of(request), socket);
    socket.start();
    core_.socket().services().probes().connection_accepted(
        {*socket.local_address(), *socket.remote_address(), probe::AcceptPath::irp});
    request.decide(STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(socket.api()));
}

bool Acceptor::step_locked() noexcept {
    return core_.is_listening_locked() &&
           (serve_next_accept_locked() || deliver_next_by_event_locked());
}

bool Acceptor::serve_next_accept_locked() noexcept {
    if (accepts_.empty()) {
        return false;
    }
    std::optional<Established> waiting = next_established_locked(incoming_);
    if (!waiting.has_value()) {
        return false;
    }
    Turn& turn = core_.turn_of_acceptor();
    const Request request = turn.claim_next_locked(accepts_);
    if (!request) {
        // Every queued accept is just being cancelled: the connection waits for the next one.
        if (!OWSK_PLANTED(connection_dropped)) {
            established_.push_front(std::move(*waiting));
        }
        return true;
    }
    const AcceptParameters& parameters = parameters_of(request);
    ConnectionSocket* const socket =
        make_socket_locked(std::move(*waiting), parameters.context, parameters.dispatch);
    core_.socket().mutex().unlock();
    if (socket == nullptr) {
        request.decide(STATUS_INSUFFICIENT_RESOURCES, 0);
        turn.complete_claimed(request);
    } else {
        const Introduction introduction(*socket);
        answer(request, *socket);
        turn.complete_claimed(request);
    }
    core_.socket().mutex().lock();
    return true;
}

void Acceptor::decide_all_locked(NTSTATUS status) noexcept {
    core_.turn_of_acceptor().decide_all_locked(accepts_, status);
}

// Connections that nobody has accepted are reset.
void Acceptor::abort_untaken() noexcept {
    std::deque<Established> established;
    {
        SocketLock lock(core_.socket().mutex());
        established.swap(established_);
    }
    for (Established& waiting : established) {
        waiting.connection->abort();
    }
}

void Acceptor::list_held_locked(std::vector<HeldAttempt>& held, Instant now) const {
    for (const Established& established : established_) {
        held.push_back({established.connection->local_address(),
                        established.connection->remote_address(),
                        "established, before WskAccept",
                        now - established.since});
    }
}

void Acceptor::cancel(Request request) noexcept {
    SocketLock lock(core_.socket().mutex());
    withdraw_locked(request);
}

void Acceptor::withdraw_locked(Request request) noexcept {
    core_.turn_of_acceptor().withdraw_locked(request, 0);
}

void Acceptor::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    visitor.visit(parameters_of(request).local_address);
    visitor.visit(parameters_of(request).remote_address);
}

}  // namespace owsk::wsk
