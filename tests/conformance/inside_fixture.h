// SPDX-License-Identifier: MIT
// Inside: a test that makes calls inside the driver's callbacks and completion routines, and knows
// for each completion mode how such a call stands when it returns.
#pragma once

#include <functional>
#include <utility>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {

// How a call that was made inside a routine stood when it returned.
enum class Kind {
    quick,    // nothing keeps it from completing in the call
    control,  // the same, and also in mode windows, as outside
    waits,    // it cannot complete before the routine has returned, or before something comes
};

class Inside : public ConnectionTest {
  protected:
    // So that nothing keeps a send from completing in its call.
    Inside() : ConnectionTest(SendCompletion::buffered) {}

    // `start` makes a call, on the thread of a callback or routine.
    template <typename Start>
    void expect(Kind kind, Call& call, Start&& start) {
        const NTSTATUS returned = start();
        const bool completed = call.completed();
        const bool in_the_call =
            kind != Kind::waits && (immediate_mode() || (kind == Kind::control && windows_mode()));
        if (hostile_mode()) {
            // The routine and the call may be of different roles.
            EXPECT_TRUE(completed || returned == STATUS_PENDING) << call.describe();
            return;
        }
        const bool by_the_seed = kind != Kind::waits && GetParam() == CompletionMode::mixed;
        if (!by_the_seed) {
            EXPECT_EQ(completed, in_the_call) << call.describe();
        }
        EXPECT_EQ(returned == STATUS_PENDING, !completed) << call.describe();
        if (completed) {
            EXPECT_EQ(call.status(), returned);
            EXPECT_FALSE(call.pending_returned());
        }
    }

    NTSTATUS start_get_option(Call& call, PWSK_SOCKET socket) {
        return call.returns(basic_functions(socket).WskControlSocket(socket,
                                                                     WskGetOption,
                                                                     SO_KEEPALIVE,
                                                                     SOL_SOCKET,
                                                                     0,
                                                                     nullptr,
                                                                     sizeof option_,
                                                                     &option_,
                                                                     nullptr,
                                                                     call.irp()));
    }
    NTSTATUS start_remote_query(Call& call, PWSK_SOCKET socket) {
        return call.returns(connection_functions(socket).WskGetRemoteAddress(
            socket, generic(address_), call.irp()));
    }

    // A listener whose WskAcceptEvent does `body` and takes the connection; the event is off.
    PWSK_SOCKET make_event_listener(std::function<void(PWSK_SOCKET)> body) {
        events_.answer = [this, body = std::move(body)](
                             const AcceptEvents::Event& event,
                             PVOID* context,
                             const WSK_CLIENT_CONNECTION_DISPATCH** table) {
            *context = &log();
            *table = &ConnectionLog::dispatch;
            body(event.socket);
            ran_.open();
            return STATUS_SUCCESS;
        };
        ListenerOptions options;
        options.context = &events_;
        options.dispatch = &AcceptEvents::dispatch;
        return make_listener(options);
    }
    Gate& ran() { return ran_; }

  private:
    AcceptEvents& events_ = keep<AcceptEvents>(*this);
    Gate ran_;
    ULONG option_ = 0;
    SOCKADDR_STORAGE address_ = {};
};

}  // namespace owsk::conformance
