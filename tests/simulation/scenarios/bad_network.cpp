// SPDX-License-Identifier: MIT
// Echo over links that lose, duplicate, reorder and delay packets, and that break for a while, in
// one direction or in both. The bytes arrive in order, however long it takes.
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

LinkRules rules_by_seed(Run& run) {
    LinkRules rules;
    rules.latency = 50us + run.moment(20ms);
    rules.jitter = run.chance(50) ? run.moment(5ms) : Duration(0);
    rules.loss = run.chance(60) ? static_cast<double>(run.below(10)) / 100 : 0;
    rules.duplication = run.chance(30) ? 0.05 : 0;
    rules.reordering = run.chance(50) ? 0.1 : 0;
    rules.bandwidth = run.chance(20) ? run.between(200'000, 10'000'000) : 0;
    return rules;
}

void break_for_a_while(Run& run, const std::string& from, const std::string& to) {
    const Duration begin = run.simulation().now() + run.moment(200ms);
    LinkRules broken = rules_by_seed(run);
    broken.down = true;
    const LinkRules mended = rules_by_seed(run);
    run.simulation().at(begin,
                        [&run, from, to, broken] { run.simulation().set_link(from, to, broken); });
    run.simulation().at(begin + run.moment(10s),
                        [&run, from, to, mended] { run.simulation().set_link(from, to, mended); });
}

}  // namespace

OWSK_SCENARIO(bad_network, "echo over links that lose, reorder and break") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    const bool by_events = run.chance(50);
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        listener->on_accepted = [by_events](Connection& connection) {
            if (by_events) {
                connection.echo_by_events();
            } else {
                connection.echo();
            }
        };
        listener->open({.events = by_events
                                      ? WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT
                                      : ULONG{0}});
        if (!by_events) {
            listener->keep_accepting(2);
        }
    });
    run.simulation().set_links(rules_by_seed(run));
    const std::uint64_t visitors = run.between(1, 4);
    for (std::uint64_t i = 0; i < visitors; ++i) {
        run.add_visitor({.ip = server.ip(),
                         .comes = run.moment(50ms),
                         .bytes = run.between(1, 6000),
                         .piece = run.between(200, 3000),
                         .wants_echo = run.chance(70),
                         .must_succeed = true});
    }
    if (run.chance(40)) {
        break_for_a_while(run, "guest1", server.name());
    }
    if (run.chance(40)) {
        break_for_a_while(run, server.name(), "guest1");
    }
    run.until_quiet();
    server.perform([&] {
        listener->close_and_wait();
        listener->wait_connections_closed();
    });
    run.finish();
}

}  // namespace owsk::scenarios
