// SPDX-License-Identifier: MIT
// A driver connects to another one, which echoes, rejects some at their SYN, or is not there at
// all. Attempts are cancelled, repeated from the same port, and closed at every moment. Each has
// one outcome, and those that succeed get all of their bytes back.
#include <algorithm>
#include <string>
#include <vector>

#include "base/status_name.h"
#include "simulation/driver/caller.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint16_t echo_port = 7;
constexpr std::uint16_t closed_port = 9;

// One caller from its bind to its close.
struct Errand {
    Run& run;
    Caller& caller;
    const std::string ip;
    std::uint64_t left;         // bytes to be sent
    unsigned tries = 3;         // to connect
    std::uint16_t to = 0;       // the port of the newest try
    bool is_disturbed = false;  // somebody cancels or closes: it may fail at any moment
    bool may_be_rejected = false;
    std::uint64_t first = 0;  // bytes that went with the handshake

    StreamId stream() const { return caller.port(); }

    void connect() {
        --tries;
        to = run.chance(80) ? echo_port : closed_port;
        const auto then = [this](NTSTATUS status, ULONG_PTR) { connected(status); };
        first = 0;
        // Bytes are made once, so only in an attempt that nothing can stop but a refusal.
        if (to == echo_port && !is_disturbed && !may_be_rejected && run.chance(40)) {
            first = run.between(1, 2000);
            const auto bytes = std::make_shared<Buffer>(run.streams.make(stream(), first));
            disturb(caller.connect_with(ip, to, bytes, then));
        } else {
            disturb(caller.connect(ip, to, then));
        }
    }

    // By another thread, at some time.
    void disturb(const CallRef& call) {
        if (call == nullptr || !is_disturbed) {
            return;
        }
        const bool closes = run.chance(40);
        caller.server().start("disturber", [this, call, closes] {
            Server::sleep(run.moment(400us));
            if (closes) {
                caller.close();
            } else {
                call->cancel();
            }
        });
    }

    void connected(NTSTATUS status) {
        switch (status) {
            case STATUS_SUCCESS:
                await_echo(first);
                return;
            case STATUS_CONNECTION_REFUSED:
                // Not that of an earlier try, which was cancelled.
                if (to != closed_port && !may_be_rejected) {
                    complain(status);
                }
                if (tries != 0) {
                    connect();
                    return;
                }
                break;
            case STATUS_CANCELLED:
            case STATUS_INVALID_DEVICE_STATE:  // an earlier attempt ended while it was cancelled
            case STATUS_CONNECTION_RESET:
                if (!is_disturbed) {
                    complain(status);
                }
                if (status == STATUS_CANCELLED && tries != 0 && run.chance(50)) {
                    connect();
                    return;
                }
                break;
            default:
                complain(status);
        }
        caller.close();
    }

    void complain(NTSTATUS status) {
        run.fail("WskConnect from port " + std::to_string(caller.port()) +
                 " failed: " + status_name(status));
    }

    void talk() {
        if (left == 0) {
            caller.disconnect([](NTSTATUS, ULONG_PTR) {});
            await_end();
            return;
        }
        const std::uint64_t count = run.between(1, left);
        left -= count;
        const auto bytes = std::make_shared<Buffer>(run.streams.make(stream(), count),
                                                    static_cast<unsigned>(run.between(1, 3)));
        caller.send(bytes, [this, count](NTSTATUS status, ULONG_PTR) {
            if (NT_SUCCESS(status)) {
                await_echo(count);
            } else {
                fail(status);
            }
        });
    }

    void await_echo(std::uint64_t count) {
        if (count == 0) {
            talk();
            return;
        }
        const auto room = std::make_shared<Buffer>(count);
        caller.receive(room, WSK_FLAG_WAITALL, [this, room](NTSTATUS status, ULONG_PTR received) {
            if (!NT_SUCCESS(status)) {
                fail(status);
                return;
            }
            run.streams.received(stream(), "caller", room->text(received));
            talk();
        });
    }

    void await_end() {
        const auto room = std::make_shared<Buffer>(SIZE_T{16});
        caller.receive(room, 0, [this](NTSTATUS status, ULONG_PTR received) {
            if (NT_SUCCESS(status) && received == 0) {
                run.streams.finished(stream(), "caller");
            } else if (!is_disturbed) {
                run.fail("a caller did not see the end of its echo");
            }
            caller.close();
        });
    }

    void fail(NTSTATUS status) {
        if (!is_disturbed) {
            run.fail("a caller lost its connection: " + status_name(status));
        }
        caller.close();
    }
};

}  // namespace

OWSK_SCENARIO(connecting, "a driver connects to another, which accepts, rejects or is not there") {
    Server& echo = run.add_server();
    Server& calling = run.add_server();
    const bool conditional = run.chance(50);
    Listener* listener = nullptr;
    echo.perform([&] {
        listener = &echo.keep<Listener>(echo);
        listener->on_inspect = [&](const WSK_INSPECT_ID&) {
            return run.chance(30) ? WskInspectReject : WskInspectAccept;
        };
        listener->on_accepted = [](Connection& connection) { connection.echo(); };
        listener->open({.port = echo_port, .conditional = conditional});
        listener->keep_accepting(static_cast<unsigned>(run.between(1, 3)));
    });
    std::vector<Caller*> callers;
    calling.perform([&] {
        const std::uint64_t count = run.between(1, 5);
        for (std::uint64_t i = 0; i < count; ++i) {
            Caller& caller = calling.keep<Caller>(calling);
            caller.open(static_cast<std::uint16_t>(20'000 + i));
            callers.push_back(&caller);
            calling
                .keep<Errand>(Errand{.run = run,
                                     .caller = caller,
                                     .ip = echo.ip(),
                                     .left = run.below(5000),
                                     .is_disturbed = run.chance(50),
                                     .may_be_rejected = conditional})
                .connect();
        }
    });
    run.until("every caller has left", [&] {
        return std::ranges::all_of(callers, [](Caller* caller) { return !caller->is_open(); });
    });
    run.until_quiet();
    calling.perform([&] {
        for (Caller* caller : callers) {
            caller->close_and_wait();
        }
    });
    echo.perform([&] {
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
