// SPDX-License-Identifier: MIT
// Many clients come at once. Connections are taken by WskAccept, by WskAcceptEvent or by both; some
// are refused, and some clients are gone before they are served. The listener may close meanwhile.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

constexpr ULONG all_events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT;

void open(Run& run, Listener& listener, bool by_events) {
    const bool refuses = run.chance(30);
    listener.takes = [&run, refuses] { return !refuses || !run.chance(20); };
    listener.on_accepted = [&run, by_events](Connection& connection) {
        if (!by_events) {
            connection.echo(run.between(50, 500));
        }
        connection.echo_by_events();
    };
    listener.open({.events = by_events ? all_events : WSK_EVENT_ACCEPT});
    if (!by_events && run.chance(60)) {
        listener.keep_accepting(static_cast<unsigned>(run.between(1, 6)));
    }
}

}  // namespace

OWSK_SCENARIO(accept_storm, "many clients at once, taken by requests and by WskAcceptEvent") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        open(run, *listener, run.chance(50));
    });
    constexpr Farewell ways[] = {
        Farewell::finish, Farewell::finish, Farewell::close, Farewell::reset};
    const std::uint64_t count = run.between(4, 16);
    for (std::uint64_t i = 0; i < count; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(300us),
                         .bytes = run.below(900),
                         .piece = run.between(1, 400),
                         .farewell = ways[run.below(std::size(ways))],
                         .patience = run.chance(30) ? run.moment(2ms) + 1us : Duration(20s)});
    }
    if (run.chance(40)) {
        server.start("closer", [&] {
            Server::sleep(run.moment(1ms));
            listener->close_and_wait();
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
