// SPDX-License-Identifier: MIT
// Wrong: keeps indications for a thread, and forgets them when the peer resets the connection.
#include <deque>

#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {

OWSK_CANARY(forgotten_release,
            "a retained indication is forgotten after a reset",
            by_checker<LeakChecker>()) {
    Server& server = run.add_server();
    auto& listener = server.keep<Listener>(server);
    auto& kept = server.keep<std::deque<PWSK_DATA_INDICATION>>();
    listener.on_accepted = [&](Connection& connection) {
        connection.on_receive =
            [&](Connection&, ULONG, PWSK_DATA_INDICATION list, SIZE_T, SIZE_T*) {
                kept.push_back(list);
                return STATUS_PENDING;
            };
        connection.on_disconnect = [&](Connection& self, ULONG) {
            kept.clear();
            self.close();
        };
    };
    server.perform([&] {
        listener.open({.events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT});
    });
    run.add_visitor({.ip = server.ip(),
                     .bytes = 2000,
                     .piece = 500,
                     .wants_echo = false,
                     .farewell = Farewell::none,
                     .patience = 1ms + run.moment(1ms)});
    server.start("releaser", [&] {
        Server::sleep(600us);
        for (unsigned times = 0; times < 40; ++times) {
            Server::sleep(run.moment(100us));
            if (!kept.empty()) {
                PWSK_DATA_INDICATION list = kept.front();
                kept.pop_front();
                listener.connections()[0]->release(list);
            }
        }
    });
    run.until_quiet();
    server.perform([&] {
        listener.close_and_wait();
        listener.close_connections();
        listener.wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
