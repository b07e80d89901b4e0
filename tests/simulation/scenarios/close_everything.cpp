// SPDX-License-Identifier: MIT
// Sockets with every kind of request outstanding are closed by several threads at once, while their
// clients send, finish and reset.
#include <algorithm>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

struct Retained {
    Connection* connection;
    PWSK_DATA_INDICATION indication;
};

struct Everything {
    Run& run;
    Listener& listener;
    std::vector<Retained> retained;
    std::vector<Connection*> closable;

    void occupy(Connection& connection) {
        connection.on_receive =
            [this](Connection& self, ULONG, PWSK_DATA_INDICATION data, SIZE_T, SIZE_T*) {
                self.take(text_of(data));
                if (!self.is_open() || run.chance(50)) {
                    return STATUS_SUCCESS;
                }
                retained.push_back({&self, data});
                return STATUS_PENDING;
            };
        const std::uint64_t requests = run.below(5);
        const std::uint64_t before = run.below(requests + 1);
        issue(connection, before);
        if (run.chance(60)) {
            connection.enable(WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
        }
        // Not before: who closes disables the event, and of two calls at a time either may win.
        closable.push_back(&connection);
        issue(connection, requests - before);
    }

    void issue(Connection& connection, std::uint64_t requests) {
        for (; requests > 0; --requests) {
            issue(connection);
        }
    }

    void issue(Connection& connection) {
        switch (run.below(4)) {
            case 0:
                receive(connection, 0);
                break;
            case 1:
                receive(connection, WSK_FLAG_WAITALL);
                break;
            case 2:
                connection.send(std::make_shared<Buffer>(SIZE_T{200'000}));
                break;
            default:
                connection.disconnect();
                break;
        }
    }

    void receive(Connection& connection, ULONG flags) {
        const auto buffer = std::make_shared<Buffer>(SIZE_T{300}, 3);
        connection.receive(buffer, flags, [&connection, buffer](NTSTATUS, ULONG_PTR count) {
            connection.take(buffer->text(count));
        });
    }

    // A socket may not be closed before its indications are back.
    void give_back(const Connection& connection) {
        for (;;) {
            const auto mine = std::find_if(retained.begin(), retained.end(), [&](auto& entry) {
                return entry.connection == &connection;
            });
            if (mine == retained.end()) {
                return;
            }
            const Retained entry = *mine;
            retained.erase(mine);
            entry.connection->release(entry.indication);
        }
    }

    void close_some() {
        for (std::uint64_t i = run.between(1, 4); i != 0; --i) {
            Server::sleep(run.moment(400us));
            if (closable.empty() || run.chance(15)) {
                listener.close();
                continue;
            }
            close(*closable[run.below(closable.size())]);
        }
    }

    void close(Connection& connection) {
        // No event from here on, so that nothing more is retained.
        if (connection.disable(WSK_EVENT_RECEIVE) != STATUS_SUCCESS) {
            return;
        }
        give_back(connection);
        connection.close();
    }
};

}  // namespace

OWSK_SCENARIO(close_everything,
              "sockets with all kinds of requests are closed from several threads") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    Everything* everything = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        everything = &server.keep<Everything>(Everything{run, *listener, {}, {}});
        listener->on_accepted = [everything](Connection& connection) {
            everything->occupy(connection);
        };
        listener->open({.events = run.chance(50) ? WSK_EVENT_ACCEPT : ULONG{0}});
        listener->keep_accepting(static_cast<unsigned>(run.between(1, 4)));
    });
    const std::uint64_t visitors = run.between(1, 6);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(200us),
                         .bytes = run.below(2000),
                         .piece = 400,
                         .wants_echo = false,
                         .farewell = run.chance(50) ? Farewell::finish : Farewell::none,
                         .patience = run.moment(1ms) + 100us,
                         .at_the_latest = run.chance(50) ? Farewell::reset : Farewell::close,
                         .does_not_read = 10s});
    }
    if (run.chance(30)) {
        // Nobody answers any more.
        run.simulation().at(run.simulation().now() + run.moment(1ms), [&run, &server] {
            LinkRules broken;
            broken.down = true;
            run.simulation().set_link("guest1", server.name(), broken);
        });
    }
    const std::uint64_t closers = run.between(1, 3);
    for (std::uint64_t i = 0; i < closers; ++i) {
        server.start("closer" + std::to_string(i), [&] { everything->close_some(); });
    }
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        for (Connection* connection : listener->connections()) {
            if (connection->is_open()) {
                wait(connection->disable_with_irp(WSK_EVENT_RECEIVE));
                everything->give_back(*connection);
                connection->close();
            }
        }
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
