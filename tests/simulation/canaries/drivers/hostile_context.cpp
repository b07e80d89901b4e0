// SPDX-License-Identifier: MIT
// Wrong: WskReceiveEvent frees what the sends of its connection share when none is under way,
// although the completion routine of the last one may still be running.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

constexpr ULONG sends_tag = 0x74787443;  // "Ctxt"

// Of the sends of a connection, until none is under way.
struct Burst {
    KEVENT changed;
    ULONG under_way;
    ULONG_PTR bytes_sent;
    LARGE_INTEGER ended_at;
};

Burst* new_burst() {
    auto* const burst =
        static_cast<Burst*>(ExAllocatePoolZero(NonPagedPoolNx, sizeof(Burst), sends_tag));
    KeInitializeEvent(&burst->changed, NotificationEvent, FALSE);
    return burst;
}

void send(Connection& to, Burst* burst, const std::string& text) {
    ++burst->under_way;
    to.send(std::make_shared<Buffer>(text), [burst](NTSTATUS, ULONG_PTR count) {
        --burst->under_way;
        KeSetEvent(&burst->changed, IO_NO_INCREMENT, FALSE);
        burst->ended_at = KeQueryPerformanceCounter(nullptr);
        burst->bytes_sent += count;
    });
}

}  // namespace

OWSK_HOSTILE_CANARY(hostile_context,
                    "an event frees what the completion of a send still uses",
                    by_rule(Rule::pool_block_written_after_free),
                    by_rule(Rule::pool_block_freed_twice),
                    by_crash,  // the event lies in what is freed, too
                    by_sanitizer) {
    // One for each role of a socket.
    Server& server = run.add_server({.processors = 3});
    auto& listener = server.keep<Listener>(server);
    Burst* burst = nullptr;
    run.add_visitor({.ip = server.ip(), .bytes = 10'000, .piece = 100, .wants_echo = false});
    server.perform([&] {
        listener.on_accepted = [&](Connection& connection) {
            connection.on_receive =
                [&](Connection& from, ULONG, PWSK_DATA_INDICATION list, SIZE_T, SIZE_T*) {
                    const std::string text = text_of(list);
                    from.take(text);
                    if (burst == nullptr) {
                        burst = new_burst();
                    }
                    send(from, burst, text.substr(0, text.size() / 2));
                    send(from, burst, text.substr(text.size() / 2));
                    KeClearEvent(&burst->changed);
                    // The completion that makes it so may still be running.
                    if (burst->under_way == 0) {
                        ExFreePoolWithTag(burst, sends_tag);
                        burst = nullptr;
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
        if (burst != nullptr) {
            ExFreePoolWithTag(burst, sends_tag);
        }
    });
    run.finish();
}

}  // namespace owsk::scenarios
