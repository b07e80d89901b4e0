// SPDX-License-Identifier: MIT
// Many large sends at once to clients that do not read for a while, with small windows. They arrive
// in order, completely, and the disconnect behind them comes last.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

void storm(Run& run, Connection& connection) {
    const StreamId stream = from_server + connection.remote_port();
    const std::uint64_t sends = run.between(1, 6);
    auto left = std::make_shared<std::uint64_t>(sends);
    for (std::uint64_t i = 0; i < sends; ++i) {
        const SIZE_T length = run.between(1, run.chance(30) ? 60'000 : 4'000);
        const auto buffer = std::make_shared<Buffer>(run.streams.make(stream, length),
                                                     static_cast<unsigned>(run.between(1, 4)));
        connection.send(
            buffer,
            [&run, length](NTSTATUS status, ULONG_PTR count) {
                if (NT_SUCCESS(status) && count != length) {
                    run.fail("a WskSend succeeded with a part of its bytes");
                }
            },
            run.chance(50) ? WSK_FLAG_NODELAY : ULONG{0});
    }
    connection.disconnect(0, nullptr, [&connection](NTSTATUS, ULONG_PTR) {
        const auto rest = std::make_shared<Buffer>(SIZE_T{100});
        connection.receive(rest, 0, [&connection](NTSTATUS, ULONG_PTR) { connection.close(); });
    });
}

}  // namespace

OWSK_SCENARIO(send_storm, "large sends to clients that do not read for a while") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [&](Connection& connection) { storm(run, connection); };
        listener->open({});
        listener->keep_accepting(2);
    });
    const std::uint64_t visitors = run.between(1, 4);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        const bool leaves = run.chance(20);
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(1ms),
                         .bytes = 0,
                         .wants_echo = false,
                         .farewell = Farewell::none,
                         .patience = leaves ? run.moment(50ms) + 1us : Duration(0),
                         .does_not_read = run.chance(60) ? run.moment(8s) : Duration(0),
                         .receive_buffer = run.chance(50) ? run.between(2'000, 8'000) : 0,
                         .must_succeed = !leaves,
                         .is_echo = false,
                         .receives = from_server + 10'000 + i});
    }
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
