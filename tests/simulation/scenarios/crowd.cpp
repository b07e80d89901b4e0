// SPDX-License-Identifier: MIT
// Several machines with several processors and several listeners in one network, and clients that
// go to all of them.
#include <vector>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint16_t first_port = 100;

struct Place {
    Server& server;
    std::vector<Listener*> listeners;
};

Place open_place(Run& run) {
    Place place = {run.add_server({.processors = static_cast<unsigned>(run.between(1, 4))}), {}};
    const std::uint64_t count = run.between(1, 3);
    place.server.perform([&] {
        for (std::uint64_t i = 0; i < count; ++i) {
            auto& listener = place.server.keep<Listener>(place.server);
            const bool by_events = run.chance(50);
            listener.on_accepted = [by_events](Connection& connection) {
                connection.echo_by_events();
                if (!by_events) {
                    connection.echo();
                }
            };
            listener.open(
                {.port = static_cast<std::uint16_t>(first_port + i),
                 .conditional = run.chance(30),
                 .events = by_events ? WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT
                                     : ULONG{0}});
            if (!by_events) {
                listener.keep_accepting(2);
            }
            place.listeners.push_back(&listener);
        }
    });
    return place;
}

}  // namespace

OWSK_SCENARIO(crowd, "several machines, processors and listeners in one network") {
    std::vector<Place> places;
    for (std::uint64_t i = run.between(2, 3); i != 0; --i) {
        places.push_back(open_place(run));
    }
    const std::uint64_t visitors = run.between(4, 12);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        const Place& place = places[run.below(places.size())];
        run.add_visitor(
            {.ip = place.server.ip(),
             .port = static_cast<std::uint16_t>(first_port + run.below(place.listeners.size())),
             .comes = run.moment(1ms),
             .bytes = run.between(1, 1000),
             .piece = run.between(100, 500),
             .must_succeed = true});
    }
    run.until_quiet();
    for (Place& place : places) {
        place.server.perform([&] {
            for (Listener* listener : place.listeners) {
                listener->close();
            }
            for (Listener* listener : place.listeners) {
                listener->wait_closed();
                listener->wait_connections_closed();
            }
        });
    }
    run.finish();
}

}  // namespace owsk::scenarios
