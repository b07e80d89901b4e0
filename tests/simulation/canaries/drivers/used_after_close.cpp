// SPDX-License-Identifier: MIT
// Wrong: looks whether the socket is still open, and then uses it, while another thread closes it.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {

OWSK_CANARY(used_after_close,
            "a socket is used while another thread closes it",
            by_rule(Rule::socket_used_after_close),
            by_sanitizer) {
    Server& server = run.add_server({.capricious = false});
    auto& listener = server.keep<Listener>(server);
    auto& is_open = server.keep<bool>(true);
    run.add_visitor({.ip = server.ip(), .comes = 1s, .bytes = 0, .farewell = Farewell::none});
    server.perform([&] {
        listener.open({});
        listener.accept()->wait();
    });
    PWSK_SOCKET socket = listener.connections()[0]->api();
    const auto* functions = static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch);
    server.start("user", [&run, &is_open, socket, functions] {
        for (unsigned times = 0; times < 5 && is_open; ++times) {
            SOCKADDR_STORAGE address;
            Call::make(run, {.what = "WskGetLocalAddress"}, [&](PIRP irp) {
                return functions->WskGetLocalAddress(
                    socket, reinterpret_cast<PSOCKADDR>(&address), irp);
            })->wait();
        }
    });
    server.start("closer", [&] {
        Server::sleep(run.moment(10us));
        is_open = false;
        listener.connections()[0]->close_and_wait();
        listener.close_and_wait();
    });
    run.finish();
}

}  // namespace owsk::scenarios
