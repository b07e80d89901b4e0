// SPDX-License-Identifier: MIT
// Every kind of request is cancelled at every moment: before its call has begun, inside it, while
// it waits, while it completes and afterwards. Each completes once, and no byte is lost on the way.
#include <deque>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

struct Canceller {
    Run& run;
    std::deque<CallRef> targets;
    bool is_over = false;
    unsigned idle = 0;

    void watch(DriverSocket& socket, unsigned percent) {
        socket.before_call = [this, percent](const CallRef& call) {
            if (run.chance(percent)) {
                targets.push_back(call);
            }
        };
    }

    void work() {
        while (!is_over || !targets.empty()) {
            if (targets.empty()) {
                // Ever less often, when nothing happens any more.
                Server::sleep(run.moment(++idle < 100 ? 100us : 20ms));
                continue;
            }
            idle = 0;
            const CallRef call = targets.front();
            targets.pop_front();
            if (run.chance(30)) {
                Server::sleep(run.moment(200us));
            }
            call->cancel();
            // What was cancelled while it waited completes without anybody's help. A call that has
            // not been made yet sees by itself that it is cancelled.
            if (!call->wait_for(1'000)) {
                run.fail("a cancelled request does not complete");
            }
        }
    }
};

// Receives again and again, whatever becomes of each.
struct Receiver {
    Run& run;
    Connection& connection;
    unsigned failures = 0;

    void receive() {
        constexpr ULONG ways[] = {0, 0, WSK_FLAG_WAITALL};
        const auto buffer = std::make_shared<Buffer>(run.between(1, 400));
        connection.receive(
            buffer, ways[run.below(3)], [this, buffer](NTSTATUS status, ULONG_PTR count) {
                connection.take(buffer->text(count));
                if (NT_SUCCESS(status) && count == 0) {
                    connection.note_end_of_stream();
                    connection.before_call = nullptr;
                    connection.say_goodbye();
                } else if (status == STATUS_CANCELLED || NT_SUCCESS(status)) {
                    receive();
                } else {
                    connection.close();
                }
            });
    }
};

// Keeps one accept queued although they are cancelled.
void keep_accepting(Listener& listener) {
    listener.accept([&listener](NTSTATUS, ULONG_PTR) { keep_accepting(listener); });
}

void send_and_disconnect(Run& run, Connection& connection) {
    for (std::uint64_t i = run.below(3); i != 0; --i) {
        connection.send(std::make_shared<Buffer>(SIZE_T{run.between(1, 300'000)}));
    }
    if (run.chance(50)) {
        connection.disconnect();
    }
}

}  // namespace

OWSK_SCENARIO(cancel, "every kind of request is cancelled at every moment") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    auto& canceller = server.keep<Canceller>(Canceller{run, {}});
    const bool sends = run.chance(40);
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [&, sends](Connection& connection) {
            canceller.watch(connection, 40);
            server.keep<Receiver>(Receiver{run, connection}).receive();
            if (sends) {
                send_and_disconnect(run, connection);
            }
        };
        listener->on_inspect = [&](const WSK_INSPECT_ID& id) {
            listener->complete_inspection(id, WskInspectAccept);
            return WskInspectPend;
        };
        listener->open({.conditional = run.chance(30)});
        canceller.watch(*listener, 40);
        for (std::uint64_t i = run.between(1, 3); i != 0; --i) {
            keep_accepting(*listener);
        }
    });
    const std::uint64_t visitors = run.between(1, 4);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(500us),
                         .bytes = run.between(1, 3000),
                         .piece = run.between(50, 500),
                         .wants_echo = false,
                         .farewell = sends ? Farewell::none : Farewell::finish,
                         .patience = sends ? run.moment(5ms) + 1ms : 0ms,
                         .does_not_read = sends ? 10s : 0s,
                         .must_succeed = !sends,
                         .is_echo = false});
    }
    for (std::uint64_t i = run.between(1, 2); i != 0; --i) {
        server.start("canceller", [&] { canceller.work(); });
    }
    run.until_visitors_leave();
    server.start("closer", [&] {
        // Who waits for a cancelled request has to see it without the help of the close.
        Server::sleep(run.chance(60) ? Duration(2s) : run.moment(100us));
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
        canceller.is_over = true;
    });
    run.finish();
}

}  // namespace owsk::scenarios
