// SPDX-License-Identifier: MIT
// Callbacks are disabled, with an IRP and without, and enabled again, while they run. Nothing is
// called that is off, and nothing is lost meanwhile.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

// A callback takes time here only if others may run in it.
void dawdle(KSPIN_LOCK& lock, std::uint64_t times) {
    for (; times != 0; --times) {
        KIRQL irql;
        KeAcquireSpinLock(&lock, &irql);
        KeReleaseSpinLock(&lock, irql);
    }
}

void switch_events(Run& run, DriverSocket& socket, ULONG event) {
    for (std::uint64_t times = run.between(2, 8); times != 0; --times) {
        if (run.chance(50)) {
            Server::sleep(run.moment(100us));
        }
        if (run.chance(50)) {
            socket.disable(event);
        } else if (const CallRef call = socket.disable_with_irp(event)) {
            call->wait();
        }
        if (run.chance(50)) {
            Server::sleep(run.moment(100us));
        }
        socket.enable(event);
    }
}

// The disconnect may be announced before the data when WskReceiveEvent is off.
void leave_when_complete(Run& run, Connection& connection) {
    if (connection.received() == run.streams.sent(connection.stream())) {
        connection.note_end_of_stream();
        connection.say_goodbye();
    }
}

void handle(Run& run, Connection& connection, KSPIN_LOCK& lock) {
    const auto has_finished = std::make_shared<bool>(false);
    connection.on_receive =
        [&run, &lock, has_finished](
            Connection& self, ULONG, PWSK_DATA_INDICATION data, SIZE_T, SIZE_T*) {
            self.take(text_of(data));
            dawdle(lock, run.below(4));
            if (*has_finished) {
                leave_when_complete(run, self);
            }
            return STATUS_SUCCESS;
        };
    connection.on_disconnect = [&run, &lock, has_finished](Connection& self, ULONG) {
        dawdle(lock, run.below(4));
        *has_finished = true;
        leave_when_complete(run, self);
    };
}

}  // namespace

OWSK_SCENARIO(disable_callback, "events are switched off and on while their callbacks run") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    auto& lock = server.keep<KSPIN_LOCK>();
    server.perform([&] {
        KeInitializeSpinLock(&lock);
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [&](Connection& connection) {
            handle(run, connection, lock);
            dawdle(lock, run.below(3));
        };
        listener->open({.events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT});
    });
    const std::uint64_t visitors = run.between(1, 4);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(200us),
                         .bytes = run.between(1, 5000),
                         .piece = run.between(50, 300),
                         .wants_echo = false,
                         .must_succeed = true,
                         .is_echo = false});
    }
    server.start("accept switch", [&] { switch_events(run, *listener, WSK_EVENT_ACCEPT); });
    for (std::uint64_t i = run.between(1, visitors); i != 0; --i) {
        server.start("receive switch", [&, i] {
            // The connection may come late.
            for (unsigned tries = 0; tries < 20 && listener->connections().size() < i; ++tries) {
                Server::sleep(50us);
            }
            if (listener->connections().size() >= i) {
                const ULONG event = run.chance(50) ? WSK_EVENT_RECEIVE : WSK_EVENT_DISCONNECT;
                switch_events(run, *listener->connections()[i - 1], event);
            }
        });
    }
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
