// SPDX-License-Identifier: MIT
// More clients than a listener can hold while nobody accepts. Some leave while they wait. Then the
// driver takes them all, by requests or by the event, or closes the listener.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {

OWSK_SCENARIO(backlog, "more clients than wait in line, and a driver that is late") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [](Connection& connection) { connection.echo(); };
        listener->open({.conditional = run.chance(30)});
    });
    const std::uint64_t visitors = run.chance(15) ? 160 : run.between(5, 20);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        const bool leaves = run.chance(30);
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(2ms),
                         .bytes = run.between(1, 100),
                         .patience = leaves ? run.moment(10ms) + 1us : Duration(100s),
                         .at_the_latest = run.chance(50) ? Farewell::reset : Farewell::close});
    }
    server.start("late driver", [&] {
        Server::sleep(run.moment(12ms));
        if (run.chance(20)) {
            listener->close_and_wait();
        } else if (run.chance(50)) {
            listener->enable(WSK_EVENT_ACCEPT);
        } else {
            listener->keep_accepting(static_cast<unsigned>(run.between(1, 20)));
        }
    });
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
