// SPDX-License-Identifier: MIT
// One side finishes and the other goes on, or both finish at once. Everything arrives, and every
// connection ends in order. A server's last bytes may come with its WskDisconnect.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

// A connection that sends a stream of its own, and ends when both directions are over.
struct Exchange {
    Run& run;
    Connection& connection;
    std::uint64_t to_send;
    bool waits_for_peer;  // says nothing before the peer has finished
    bool peer_has_finished = false;
    bool has_disconnected = false;

    StreamId stream() const { return from_server + connection.remote_port(); }

    void begin() {
        if (!waits_for_peer) {
            send();
        }
        receive();
    }

    BufferRef next(std::uint64_t count) {
        to_send -= count;
        return std::make_shared<Buffer>(run.streams.make(stream(), count),
                                        static_cast<unsigned>(run.between(1, 3)));
    }

    void send() {
        if (to_send == 0) {
            connection.disconnect(0, nullptr, [this](NTSTATUS status, ULONG_PTR) { end(status); });
        } else if (run.chance(25)) {
            connection.disconnect(
                0, next(to_send), [this](NTSTATUS status, ULONG_PTR) { end(status); });
        } else {
            connection.send(next(run.between(1, to_send)), [this](NTSTATUS status, ULONG_PTR) {
                if (NT_SUCCESS(status)) {
                    send();
                }
            });
        }
    }

    void receive() {
        constexpr ULONG ways[] = {0, 0, WSK_FLAG_WAITALL};
        const auto buffer = std::make_shared<Buffer>(run.between(1, 600));
        connection.receive(
            buffer, ways[run.below(3)], [this, buffer](NTSTATUS status, ULONG_PTR count) {
                received(*buffer, status, count);
            });
    }

    void received(const Buffer& buffer, NTSTATUS status, ULONG_PTR count) {
        if (!NT_SUCCESS(status)) {
            run.fail("a receive of an exchange in order failed");
        }
        connection.take(buffer.text(count));
        if (count != 0) {
            receive();
            return;
        }
        connection.note_end_of_stream();
        peer_has_finished = true;
        if (waits_for_peer) {
            send();
        } else if (has_disconnected) {
            connection.close();
        }
    }

    void end(NTSTATUS status) {
        if (!NT_SUCCESS(status)) {
            run.fail("a WskDisconnect of an exchange in order failed");
        }
        has_disconnected = true;
        if (peer_has_finished) {
            connection.close();
        }
    }
};

}  // namespace

OWSK_SCENARIO(half_close, "one side finishes first, or both at once, and everything arrives") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [&](Connection& connection) {
            server.keep<Exchange>(Exchange{run, connection, run.below(3000), run.chance(40)})
                .begin();
        };
        listener->open({});
        listener->keep_accepting(3);
    });
    const std::uint64_t visitors = run.between(1, 5);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        const std::uint16_t port = static_cast<std::uint16_t>(10'000 + i);
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(500us),
                         .bytes = run.below(4000),
                         .piece = run.between(1, 4000),
                         .wants_echo = false,
                         .must_succeed = true,
                         .is_echo = false,
                         .receives = from_server + port});
    }
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
