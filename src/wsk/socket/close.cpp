// SPDX-License-Identifier: MIT
// The close of a socket: refuse new calls, cancel what is queued, let the completions and a running
// callback end, drop the transport object, complete the close IRP. The socket's memory dies last.
#include <new>

#include "nt/ke/bug_check.h"
#include "wsk/socket/address_changes.h"
#include "wsk/socket/extensions.h"
#include "wsk/socket/socket.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

NTSTATUS Socket::close(PIRP irp, const nt::ke::CallPlace& place) noexcept {
    AddressChanges& changes = services().address_changes();
    {
        SocketLock lock(mutex());
        check_open_locked("WskCloseSocket");
        close_request_ = Request::take(irp, Operation::close, this);
        close_request_.decide(STATUS_SUCCESS, 0);
        close_request_.mark_pending();
        closing_ = true;
        closed_at_.reset(new (std::nothrow) nt::ke::CallPlace(place));
        cancel_all_locked();
        want_turns_locked();
    }
    // From here on the socket may be gone, unless it waits there.
    changes.cancel_all_of(this);
    return STATUS_PENDING;
}

void Socket::close_unowned_locked() noexcept {
    if (!closing_) {
        closing_ = true;
        cancel_all_locked();
        want_turns_locked();
    }
}

bool Socket::is_over_locked(Turn& turn) noexcept {
    if (!closing_) {
        return false;
    }
    if (&turn != &turn_) {
        // The end is for the processor to which the network announces what happens.
        turn_.want_locked();
        return false;
    }
    bool is_over = true;
    visit_turns([&](Turn& each)
                    OWSK_NO_THREAD_SAFETY_ANALYSIS { is_over = is_over && each.is_idle_locked(); });
    // A call that is just completing has to bring another turn, or nobody would end the socket.
    visit_turns([&](Turn& each) OWSK_NO_THREAD_SAFETY_ANALYSIS {
        is_over ? each.stop_locked() : each.look_again_locked();
    });
    return is_over;
}

void Socket::start_end(host::Task& ended) noexcept {
    if (!close_transport(ended)) {
        turn_.processor().post(ended);
    }
}

void Socket::end() noexcept {
    Request request;
    {
        SocketLock lock(mutex());
        request = close_request_;
    }
    SocketClient& client = client_;
    services().extensions().socket_closed(api());
    services().sockets().destroy(*this);
    if (request) {
        request.complete();
    }
    // Last: from here on WskDeregister may return, and the driver be unloaded.
    client.socket_closed();
}

}  // namespace owsk::wsk
