// SPDX-License-Identifier: MIT
// Wrong: the end of a connection and the unload both free its buffer, since looking and freeing is
// not one step.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

constexpr ULONG buffer_tag = 0x66667542;  // "Buff"

struct Owner {
    Owner() { KeInitializeSpinLock(&lock); }
    void free_buffer() {
        if (buffer == nullptr) {
            return;
        }
        PVOID memory = buffer;
        // The lock guards the list, and nothing else.
        KIRQL irql;
        KeAcquireSpinLock(&lock, &irql);
        --connections;
        KeReleaseSpinLock(&lock, irql);
        ExFreePoolWithTag(memory, buffer_tag);
        buffer = nullptr;
    }

    KSPIN_LOCK lock;
    int connections = 1;
    PVOID buffer = ExAllocatePoolWithTag(NonPagedPoolNx, 100, buffer_tag);
};

}  // namespace

OWSK_CANARY(double_free,
            "a buffer is freed by the unload and by the end of its connection",
            by_rule(Rule::pool_block_freed_twice),
            by_sanitizer) {
    Server& server = run.add_server();
    auto& listener = server.keep<Listener>(server);
    Owner* owner = nullptr;
    server.perform([&] {
        owner = &server.keep<Owner>();
        listener.on_accepted = [owner](Connection& connection) {
            connection.on_disconnect = [owner](Connection&, ULONG) { owner->free_buffer(); };
            connection.enable(WSK_EVENT_DISCONNECT);
        };
        listener.open({});
        listener.accept();
    });
    run.add_visitor({.ip = server.ip(), .bytes = 0, .farewell = Farewell::reset});
    server.perform([&] {
        Server::sleep(run.moment(500us));
        owner->free_buffer();
        listener.close_and_wait();
        listener.close_connections();
        listener.wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
