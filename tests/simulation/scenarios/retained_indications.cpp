// SPDX-License-Identifier: MIT
// A driver answers WskReceiveEvent in every way there is: takes all, a part, nothing, or keeps the
// list for a thread that gives it back later. No byte is lost, and what is kept does not change.
#include <deque>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

struct Kept {
    Connection* connection;
    PWSK_DATA_INDICATION list;
    std::string text;
};

struct Keeper {
    Run& run;
    std::deque<Kept> kept;
    std::deque<Connection*> to_resume;
    std::deque<Connection*> to_close;
    bool is_over = false;

    NTSTATUS indicated(Connection& connection,
                       PWSK_DATA_INDICATION list,
                       SIZE_T bytes,
                       SIZE_T* accepted) {
        const std::string text = text_of(list);
        switch (run.below(5)) {
            case 0:
                resume_later(connection);
                return STATUS_DATA_NOT_ACCEPTED;
            case 1: {
                *accepted = run.below(bytes);
                connection.take(std::string_view(text).substr(0, *accepted));
                resume_later(connection);
                return STATUS_SUCCESS;
            }
            case 2:
                connection.take(text);
                return STATUS_SUCCESS;
            default:
                connection.take(text);
                kept.push_back({&connection, list, text});
                return STATUS_PENDING;
        }
    }

    // From the callback itself, or from a thread while it still runs, or after it.
    void resume_later(Connection& connection) {
        if (run.chance(50)) {
            resume(connection);
        } else {
            to_resume.push_back(&connection);
        }
    }

    void resume(Connection& connection) {
        if (run.chance(60)) {
            connection.receive(nullptr);
            return;
        }
        const auto buffer = std::make_shared<Buffer>(run.between(1, 2000));
        connection.receive(buffer, 0, [&connection, buffer](NTSTATUS, ULONG_PTR count) {
            connection.take(buffer->text(count));
        });
    }

    void give_back() {
        const std::size_t index = run.below(kept.size());
        const Kept entry = kept[index];
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(index));
        if (text_of(entry.list) != entry.text) {
            run.fail("a retained indication has changed");
        }
        if (entry.connection->release(entry.list) != STATUS_SUCCESS) {
            run.fail("WskRelease refused a retained indication");
        }
    }

    bool keeps(const Connection& connection) const {
        for (const Kept& entry : kept) {
            if (entry.connection == &connection) {
                return true;
            }
        }
        return false;
    }

    void work() {
        while (!is_over || !kept.empty() || !to_resume.empty() || !to_close.empty()) {
            if (!to_resume.empty()) {
                Connection& connection = *to_resume.front();
                to_resume.pop_front();
                resume(connection);
            }
            if (!kept.empty() && run.chance(70)) {
                give_back();
            }
            if (!to_close.empty() && !keeps(*to_close.front())) {
                Connection& connection = *to_close.front();
                to_close.pop_front();
                connection.say_goodbye();
            }
            Server::sleep(run.moment(300us));
        }
    }
};

}  // namespace

OWSK_SCENARIO(retained_indications,
              "WskReceiveEvent answered in every way, with memory running out") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    Keeper* keeper = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        keeper = &server.keep<Keeper>(Keeper{run, {}, {}, {}});
        listener->on_accepted = [keeper](Connection& connection) {
            connection.on_receive = [keeper](Connection& self,
                                             ULONG,
                                             PWSK_DATA_INDICATION list,
                                             SIZE_T bytes,
                                             SIZE_T* accepted) {
                return keeper->indicated(self, list, bytes, accepted);
            };
            connection.on_disconnect = [keeper](Connection& self, ULONG) {
                self.note_end_of_stream();
                keeper->to_close.push_back(&self);
            };
        };
        listener->open({.events = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT});
    });
    const std::uint64_t visitors = run.between(1, 3);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(200us),
                         .bytes = run.between(1, run.chance(20) ? 150'000 : 8'000),
                         .piece = run.between(500, 5000),
                         .wants_echo = false,
                         .must_succeed = true,
                         .is_echo = false});
    }
    for (std::uint64_t i = run.between(1, 2); i != 0; --i) {
        server.start("keeper", [&] { keeper->work(); });
    }
    run.until_visitors_leave(20s);
    keeper->is_over = true;
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
