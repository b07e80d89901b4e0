// SPDX-License-Identifier: MIT
// Wrong: all connections receive into one buffer, and send from it.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

void echo(Connection& connection, const BufferRef& shared) {
    connection.receive(shared, 0, [&connection, shared](NTSTATUS status, ULONG_PTR count) {
        if (!NT_SUCCESS(status) || count == 0) {
            connection.say_goodbye();
            return;
        }
        connection.send(shared,
                        [&connection, shared](NTSTATUS, ULONG_PTR) { echo(connection, shared); });
    });
}

}  // namespace

OWSK_CANARY(shared_buffer, "two connections echo out of one buffer", by_checker<StreamChecker>()) {
    Server& server = run.add_server();
    auto& listener = server.keep<Listener>(server);
    server.perform([&] {
        // As long as each piece, so that a send of all of it is an echo.
        const auto shared = std::make_shared<Buffer>(SIZE_T{100});
        listener.on_accepted = [shared](Connection& connection) { echo(connection, shared); };
        listener.open({});
        listener.keep_accepting(2);
    });
    for (unsigned i = 0; i < 2; ++i) {
        run.add_visitor(
            {.ip = server.ip(), .comes = run.moment(300us), .bytes = 300, .patience = 10s});
    }
    run.until_quiet();
    server.perform([&] {
        listener.close_and_wait();
        listener.close_connections();
        listener.wait_connections_closed();
        listener.on_accepted = nullptr;
    });
    run.finish();
}

}  // namespace owsk::scenarios
