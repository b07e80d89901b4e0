// SPDX-License-Identifier: MIT
// Wrong: waits for its receives to end before it closes the socket, and cancels none of them.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {

OWSK_CANARY(missing_cancel, "a driver waits for receives that nobody cancels", by_waiting) {
    Server& server = run.add_server();
    auto& listener = server.keep<Listener>(server);
    server.perform([&] { listener.open({}); });
    run.add_visitor({.ip = server.ip(),
                     .bytes = 50,
                     .wants_echo = false,
                     .farewell = run.chance(80) ? Farewell::finish : Farewell::none});
    server.perform([&] {
        listener.accept()->wait();
        const CallRef receive = listener.connections()[0]->receive(
            std::make_shared<Buffer>(SIZE_T{100}), WSK_FLAG_WAITALL);
        receive->wait();
        listener.connections()[0]->close_and_wait();
        listener.close_and_wait();
    });
    run.finish();
}

}  // namespace owsk::scenarios
