// SPDX-License-Identifier: MIT
// Stream sockets that listen and stream sockets that connect to them, or find nobody and listen
// themselves. Some are cancelled or closed at any moment, at each of their calls. A socket becomes
// one of the two and not both, and an undisturbed one gets all of its bytes back.
#include <algorithm>
#include <string>
#include <vector>

#include "base/status_name.h"
#include "simulation/driver/stream.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint16_t first_port = 20'000;
constexpr std::uint16_t closed_port = 9;

// What one stream socket does, by a thread of its own.
struct StreamLife {
    Run& run;
    Stream& stream;
    const std::string ip;  // of the others
    bool is_disturbed;     // it may fail at any moment
    bool may_be_left;      // so may those it connects to

    bool may_fail() const { return is_disturbed || may_be_left; }

    NTSTATUS wait_for(const CallRef& call) {
        if (call != nullptr && is_disturbed && run.chance(40)) {
            const bool closes = run.chance(50);
            stream.server().start("disturber", [this, call, closes] {
                Server::sleep(run.moment(300us));
                if (closes) {
                    stream.close();
                } else {
                    call->cancel();
                }
            });
        }
        return wait(call);
    }
    void expect(bool holds, const char* what, NTSTATUS status) {
        if (!holds && stream.is_open()) {
            run.fail(std::string(what) + " on port " + std::to_string(stream.port()) +
                     " completes with " + status_name(status));
        }
    }

    // What has tried to connect before may listen all the same.
    void listen(bool is_free) {
        const NTSTATUS status = wait_for(stream.listen());
        expect(NT_SUCCESS(status) == is_free || is_disturbed, "WskListen", status);
        if (NT_SUCCESS(status)) {
            stream.keep_accepting(static_cast<unsigned>(run.between(1, 3)));
            const NTSTATUS connected = wait_for(stream.connect(ip, closed_port));
            expect(connected == STATUS_INVALID_DEVICE_STATE || is_disturbed,
                   "WskConnect after WskListen",
                   connected);
        }
    }

    void connect(std::uint16_t port) {
        const NTSTATUS status = wait_for(stream.connect(ip, port));
        if (NT_SUCCESS(status)) {
            listen(false);
            talk();
            return;
        }
        const bool refused = status == STATUS_CONNECTION_REFUSED;
        expect(refused || may_fail(), "WskConnect", status);
        if (refused) {
            listen(true);
        }
    }

    void talk() {
        for (std::uint64_t left = run.below(4000); left != 0;) {
            const std::uint64_t count = run.between(1, left);
            left -= count;
            if (!exchange(count)) {
                return;
            }
        }
        wait_for(stream.disconnect());
        const auto room = std::make_shared<Buffer>(SIZE_T{16});
        const CallRef call = stream.receive(room, 0);
        const NTSTATUS status = wait_for(call);
        if (NT_SUCCESS(status) && call->information() == 0) {
            run.streams.finished(stream.port(), "stream");
        } else {
            expect(may_fail(), "WskReceive of the end", status);
        }
    }

    bool exchange(std::uint64_t count) {
        const auto bytes = std::make_shared<Buffer>(run.streams.make(stream.port(), count));
        const NTSTATUS sent = wait_for(stream.send(bytes));
        if (!NT_SUCCESS(sent)) {
            expect(may_fail(), "WskSend", sent);
            return false;
        }
        const auto room = std::make_shared<Buffer>(count);
        const CallRef call = stream.receive(room, WSK_FLAG_WAITALL);
        const NTSTATUS received = wait_for(call);
        if (!NT_SUCCESS(received)) {
            expect(may_fail(), "WskReceive", received);
            return false;
        }
        run.streams.received(stream.port(), "stream", room->text(call->information()));
        return call->information() == count;
    }
};

}  // namespace

OWSK_SCENARIO(streams, "stream sockets listen, connect to each other, and are closed at any time") {
    Server& server = run.add_server();
    const bool disturbed = run.chance(60);
    const auto listeners = static_cast<std::uint16_t>(run.between(1, 2));
    const auto callers = static_cast<std::uint16_t>(run.between(1, 4));
    std::vector<Stream*> sockets;
    const auto make = [&]() -> StreamLife& {
        Stream& stream = server.keep<Stream>(server);
        stream.open(static_cast<std::uint16_t>(first_port + sockets.size()));
        sockets.push_back(&stream);
        return server.keep<StreamLife>(StreamLife{.run = run,
                                                  .stream = stream,
                                                  .ip = server.ip(),
                                                  .is_disturbed = disturbed && run.chance(50),
                                                  .may_be_left = disturbed});
    };
    server.perform([&] {
        for (std::uint16_t i = 0; i < listeners; ++i) {
            StreamLife& life = make();
            server.start("listener", [&life] { life.listen(true); });
        }
        for (std::uint16_t i = 0; i < callers; ++i) {
            StreamLife& life = make();
            const auto to = static_cast<std::uint16_t>(first_port + run.below(listeners));
            const std::uint16_t port = run.chance(80) ? to : closed_port;
            server.start("caller", [&run, &life, port] {
                Server::sleep(run.moment(300us));
                life.connect(port);
                if (run.chance(50)) {
                    life.stream.close();
                }
            });
        }
    });
    run.until_threads_end();
    server.perform([&] {
        for (Stream* stream : sockets) {
            stream->close_and_wait();
        }
        for (Stream* stream : sockets) {
            stream->close_connections();
            stream->wait_connections_closed();
        }
    });
    run.finish();
}

}  // namespace owsk::scenarios
