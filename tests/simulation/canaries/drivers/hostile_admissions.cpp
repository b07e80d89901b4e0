// SPDX-License-Identifier: MIT
// Wrong: WskInspectEvent and WskAcceptEvent count who is admitted without a lock, as if the
// two excluded one another.
#include "simulation/canaries/canary.h"
#include "simulation/canaries/unguarded_counter.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
OWSK_HOSTILE_CANARY(hostile_admissions,
                    "inspecting and accepting change one counter without a lock",
                    "clients are admitted at the end") {
    Server& server = run.add_server();
    auto& admitted = server.keep<UnguardedCounter>();
    auto& listener = server.keep<Listener>(server);
    for (unsigned i = 0; i < 6; ++i) {
        run.add_visitor({.ip = server.ip(), .comes = run.moment(2ms), .wants_echo = false});
    }
    server.perform([&] {
        admitted.initialize();
        listener.on_inspect = [&](const WSK_INSPECT_ID&) {
            admitted.change(1);
            return WskInspectAccept;
        };
        listener.on_abort = [&](const WSK_INSPECT_ID&) { admitted.change(-1); };
        listener.on_accepted = [&](Connection& connection) {
            admitted.change(-1);
            connection.echo_by_events();
        };
        listener.open({.conditional = true,
                       .events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT});
    });
    run.until_quiet();
    server.perform([&] {
        listener.close_and_wait();
        listener.close_connections();
        listener.wait_connections_closed();
    });
    if (admitted.value() != 0) {
        run.fail("clients are admitted at the end: " + std::to_string(admitted.value()));
    }
    run.finish();
}

}  // namespace owsk::scenarios
