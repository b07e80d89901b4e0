// SPDX-License-Identifier: MIT
// A driver is unloaded while its connections are open and clients are in the middle of everything.
// DriverUnload ends them all, and nothing is left.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

// DriverEntry has no context: the server that starts the driver. One run at a time.
Server* starting = nullptr;
Listener* its_listener = nullptr;

NTAPI void unload(PDRIVER_OBJECT) {
    its_listener->close_and_wait();
    its_listener->close_connections();
    its_listener->wait_connections_closed();
    starting->detach();
}

NTAPI NTSTATUS driver_entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    Server& server = *starting;
    Run& run = server.run();
    server.attach();
    its_listener = &server.keep<Listener>(server);
    const bool by_events = run.chance(50);
    its_listener->on_accepted = [by_events](Connection& connection) {
        connection.echo_by_events();
        if (!by_events) {
            connection.echo();
        }
    };
    its_listener->open({.conditional = run.chance(30),
                        .events = by_events
                                      ? WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT
                                      : ULONG{0}});
    if (!by_events) {
        its_listener->keep_accepting(3);
    }
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}

}  // namespace

OWSK_SCENARIO(unload, "a driver is unloaded while its connections are open") {
    Server& server = run.add_server({.registered = false});
    starting = &server;
    DriverError error;
    bool has_started = false;
    server.perform(
        [&] { has_started = server.machine().start_driver("echo", driver_entry, error); });
    if (!has_started) {
        run.fail("the driver did not start: " + error.message);
    }
    const std::uint64_t visitors = run.between(1, 8);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(2ms),
                         .bytes = run.between(1, 20'000),
                         .piece = run.between(1, 2000),
                         .wants_echo = run.chance(50),
                         .farewell = run.chance(70) ? Farewell::finish : Farewell::close,
                         .patience = 20s});
    }
    run.pass(run.moment(3ms));
    server.perform([&] {
        if (!server.machine().unload_driver("echo")) {
            run.fail("the driver could not be unloaded");
        }
    });
    run.finish();
}

}  // namespace owsk::scenarios
