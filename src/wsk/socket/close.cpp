// SPDX-License-Identifier: MIT
// The close of a socket: refuse new calls, cancel what is queued, let the completions and a running
// callback end, drop the transport object, complete the close IRP. The socket's memory dies last.
#include <new>

#include "nt/ke/bug_check.h"
#include "wsk/registration/client.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

NTSTATUS Socket::close(PIRP irp) noexcept {
    Lock lock(mu_);
    check_open_locked("WskCloseSocket");
    close_request_ = Request::take(irp, Operation::close, this);
    close_request_.decide(STATUS_SUCCESS, 0);
    close_request_.mark_pending();
    closing_ = true;
    closed_at_.reset(new (std::nothrow) nt::ke::CallPlace(nt::ke::CallPlace::here()));
    cancel_all_locked();
    want_turn_locked();
    return STATUS_PENDING;
}

void Socket::close_unowned() noexcept {
    Lock lock(mu_);
    if (!closing_) {
        closing_ = true;
        cancel_all_locked();
        want_turn_locked();
    }
}

void Socket::finish_close() noexcept {
    Request request;
    {
        Lock lock(mu_);
        request = close_request_;
    }
    Client& client = client_;
    provider_.sockets().destroy(*this);
    if (request) {
        request.complete();
    }
    // Last: from here on WskDeregister may return, and the driver be unloaded.
    client.socket_closed();
}

}  // namespace owsk::wsk
