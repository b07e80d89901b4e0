// SPDX-License-Identifier: MIT
// Who a socket is, and what it answers if its category has nothing to say.
#include "wsk/socket/socket.h"

#include <new>

#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "wsk/request/completion_policy.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

Socket::Socket(SocketClient& client,
               Category category,
               const VOID* dispatch,
               host::Processor& processor) noexcept
    : WSK_SOCKET{dispatch}, category_(category), client_(client), turn_(*this, processor) {
    // Without the lock: nobody else knows the socket, and a listener may hold its own.
    // A static mask may name events of every category; each socket takes what fits its own.
    events_.set_static(client.static_events() & event_kinds_of(category));
    if (services().completion().separates_roles()) {
        role_turns_ = std::make_unique<RoleTurns>(static_cast<Work&>(*this), services());
    }
}

void Socket::enlist(const nt::ke::CallPlace* made_at) noexcept {
    if (made_at != nullptr) {
        made_at_.reset(new (std::nothrow) nt::ke::CallPlace(*made_at));
    }
    client_.socket_opened();
    services().sockets().add(*this);
}

Socket& Socket::of(PWSK_SOCKET socket, const void* place) noexcept {
    pass(Point::call);
    note_caller(place);
    SocketList& sockets = Services::current().sockets();
    if (!sockets.is_open(socket)) {
        sockets.refuse(socket);
    }
    return *static_cast<Socket*>(socket);
}

void Socket::refuse_use_after_close_locked(const char* what) noexcept {
    const nt::ke::Stack stack = closed_at_ != nullptr ? closed_at_->stack() : nt::ke::Stack();
    nt::ke::broken_rule(Rule::socket_used_after_close,
                        std::string(what) + " was called with a " + name_of(category_) + " after " +
                            (stack.empty() ? "WskAcceptEvent had refused it." : "WskCloseSocket."),
                        reinterpret_cast<ULONG_PTR>(api()),
                        &stack,
                        "WskCloseSocket was called here");
}

Request Socket::begin(PIRP irp, Operation operation) noexcept {
    SocketLock lock(mutex());
    return begin_locked(irp, operation, *this, turn_);
}

Request Socket::begin_locked(PIRP irp,
                             Operation operation,
                             RequestOwner& role,
                             Turn& turn) noexcept {
    check_open_locked("A WSK function");
    return turn.begin_locked(irp, operation, role);
}

NTSTATUS Socket::finish(Request request, NTSTATUS status, ULONG_PTR information) noexcept {
    request.decide(status, information);
    return turn_.finish(request, services().completion().choose(request.operation()));
}

NTSTATUS Socket::health() noexcept {
    return STATUS_SUCCESS;
}

Result<Address> Socket::local_address() noexcept {
    return STATUS_INVALID_DEVICE_STATE;
}

Result<Address> Socket::remote_address() noexcept {
    return STATUS_INVALID_DEVICE_STATE;
}

// What waits in a queue belongs to a role. The socket's own requests complete in their call, or as
// soon as the turn comes.
void Socket::cancel(Request) noexcept {
    OWSK_ASSERT(false);
}

void Socket::withdraw_locked(Request) noexcept {
    OWSK_ASSERT(false);
}

RequestOwner::Ends Socket::ends() noexcept {
    const auto found = [](Result<Address> address) {
        return address ? std::optional(*address) : std::nullopt;
    };
    return {found(local_address()), found(remote_address())};
}

bool Socket::put_off_by_seed_locked(Turn& turn) noexcept {
    if (services().faults().strikes(Fault::late_turn)) {
        turn.post();
        return true;
    }
    if (role_turns_ == nullptr) {
        return false;
    }
    const Duration delay = services().completion().delay();
    return delay != Duration::zero() && role_turns_->put_off(turn, services().now() + delay);
}

void Socket::want_turns_locked() noexcept {
    // The lock is held for the visit, of which the compiler knows nothing.
    visit_turns([](Turn& turn) OWSK_NO_THREAD_SAFETY_ANALYSIS { turn.want_locked(); });
}

void Socket::take_turns_and_unlock() noexcept {
    if (role_turns_ == nullptr) {
        turn_.take_and_unlock();
    } else {
        want_turns_locked();
        mutex().unlock();
    }
}

}  // namespace owsk::wsk
