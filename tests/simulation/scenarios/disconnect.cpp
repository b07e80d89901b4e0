// SPDX-License-Identifier: MIT
// WskDisconnect - in order, with last bytes, abortive - against receives, sends, events and the
// client's own end.
#include <string>
#include <utility>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

void receive(Run& run, Connection& connection) {
    constexpr ULONG ways[] = {0, WSK_FLAG_WAITALL, WSK_FLAG_DRAIN};
    const ULONG way = ways[run.below(3)];
    if (way == WSK_FLAG_DRAIN) {
        connection.receive(nullptr, way);
        return;
    }
    const auto buffer = std::make_shared<Buffer>(run.between(1, 500));
    connection.receive(buffer, way);
}

// One after the other: a send behind a disconnect is refused.
void act(Run& run, Connection& connection) {
    const StreamId stream = from_server + connection.remote_port();
    bool sends = true;
    for (std::uint64_t i = run.between(1, 6); i != 0; --i) {
        if (run.chance(40)) {
            Server::sleep(run.moment(200us));
        }
        switch (run.below(5)) {
            case 0:
                if (sends) {
                    connection.send(
                        std::make_shared<Buffer>(run.streams.make(stream, run.between(1, 900))));
                }
                break;
            case 1:
                connection.disconnect(WSK_FLAG_ABORTIVE);
                sends = false;
                break;
            case 2:
                if (std::exchange(sends, false)) {
                    connection.disconnect(
                        0, std::make_shared<Buffer>(run.streams.make(stream, run.below(500) + 1)));
                } else {
                    connection.disconnect();
                }
                break;
            default:
                receive(run, connection);
                break;
        }
    }
    if (run.chance(30)) {
        connection.close();
    }
}

}  // namespace

OWSK_SCENARIO(disconnect,
              "WskDisconnect of every kind against receives, sends and the client's end") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [&](Connection& connection) {
            connection.on_receive = [](Connection&, ULONG, PWSK_DATA_INDICATION, SIZE_T, SIZE_T*) {
                return STATUS_SUCCESS;
            };
            if (run.chance(50)) {
                connection.enable(WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
            }
        };
        listener->open({.events = run.chance(50) ? WSK_EVENT_ACCEPT : ULONG{0}});
        listener->keep_accepting(2);
    });
    const std::uint64_t visitors = run.between(1, 4);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(200us),
                         .bytes = run.below(1500),
                         .piece = 300,
                         .wants_echo = false,
                         .farewell = run.chance(60) ? Farewell::finish : Farewell::none,
                         .patience = run.moment(3ms) + 100us,
                         .at_the_latest = run.chance(50) ? Farewell::reset : Farewell::finish,
                         .is_echo = false,
                         .receives = from_server + 10'000 + i});
    }
    for (std::uint64_t i = run.between(1, 3); i != 0; --i) {
        server.start("actor" + std::to_string(i), [&, i] {
            Server::sleep(200us + run.moment(300us));
            for (std::size_t at = i - 1; at < listener->connections().size(); at += 3) {
                act(run, *listener->connections()[at]);
            }
        });
    }
    run.until_threads_end();
    server.perform([&] {
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
