// SPDX-License-Identifier: MIT
// Wrong: WskReceiveEvent and the completion routine of WskSend change a counter of their connection
// without a lock, as if the two excluded one another.
#include "simulation/canaries/canary.h"
#include "simulation/canaries/unguarded_counter.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
OWSK_HOSTILE_CANARY(hostile_counter,
                    "an event and a completion change one counter without a lock",
                    "sends are under way at the end") {
    // One for each role of a socket.
    Server& server = run.add_server({.processors = 3});
    auto& sends = server.keep<UnguardedCounter>();
    auto& listener = server.keep<Listener>(server);
    run.add_visitor({.ip = server.ip(), .bytes = 10'000, .piece = 100, .wants_echo = false});
    server.perform([&] {
        sends.initialize();
        listener.on_accepted = [&](Connection& connection) {
            connection.on_receive =
                [&](Connection& from, ULONG, PWSK_DATA_INDICATION list, SIZE_T, SIZE_T*) {
                    const std::string text = text_of(list);
                    from.take(text);
                    for (const std::string& half :
                         {text.substr(0, text.size() / 2), text.substr(text.size() / 2)}) {
                        sends.change(1);
                        from.send(std::make_shared<Buffer>(half),
                                  [&](NTSTATUS, ULONG_PTR) { sends.change(-1); });
                    }
                    return STATUS_SUCCESS;
                };
            connection.on_disconnect = [](Connection& from, ULONG) { from.say_goodbye(); };
        };
        listener.open({.events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT});
    });
    run.until_quiet();
    server.perform([&] {
        listener.close_and_wait();
        listener.close_connections();
        listener.wait_connections_closed();
    });
    if (sends.value() != 0) {
        run.fail("sends are under way at the end: " + std::to_string(sends.value()));
    }
    run.finish();
}

}  // namespace owsk::scenarios
