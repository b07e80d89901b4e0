// SPDX-License-Identifier: MIT
// Conditional accept: attempts are accepted, rejected and pended, and decided later by threads and
// by the DPC of a timer, while the clients reset, give up or leave without a word.
#include <deque>

#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

struct Operator {
    Operator(Run& owner, Listener& asked) : run(owner), listener(asked) {
        KeInitializeTimer(&timer);
        KeInitializeDpc(&dpc, on_timer, this);
    }

    static NTAPI void on_timer(PKDPC, PVOID context, PVOID, PVOID) {
        Operator& person = *static_cast<Operator*>(context);
        while (!person.timed.empty()) {
            person.decide_oldest(person.timed);
        }
    }

    WSK_INSPECT_ACTION inspect(const WSK_INSPECT_ID& id) {
        switch (run.below(6)) {
            case 0:
                return WskInspectAccept;
            case 1:
                return WskInspectReject;
            case 2:
                // The verdict may be faster than the answer.
                decide(id);
                return WskInspectPend;
            case 3:
                timed.push_back(id);
                set_timer();
                return WskInspectPend;
            default:
                pended.push_back(id);
                return WskInspectPend;
        }
    }

    void decide(const WSK_INSPECT_ID& id) {
        const WSK_INSPECT_ACTION action = run.chance(70) ? WskInspectAccept : WskInspectReject;
        listener.complete_inspection(id, action);
        if (run.chance(10)) {
            // Of two verdicts one counts.
            listener.complete_inspection(id, WskInspectAccept);
        }
    }

    void decide_oldest(std::deque<WSK_INSPECT_ID>& waiting) {
        const WSK_INSPECT_ID id = waiting.front();
        waiting.pop_front();
        decide(id);
    }

    void set_timer() {
        LARGE_INTEGER due;
        due.QuadPart = -static_cast<LONGLONG>(run.below(20'000));
        KeSetTimer(&timer, due, &dpc);
    }

    void stop_timer() {
        KeCancelTimer(&timer);
        KeFlushQueuedDpcs();
    }

    void work() {
        while (!has_gone || !pended.empty()) {
            Server::sleep(run.chance(80) ? run.moment(500us) : run.moment(3s));
            if (!pended.empty()) {
                decide_oldest(pended);
            }
        }
    }

    Run& run;
    Listener& listener;
    std::deque<WSK_INSPECT_ID> pended;  // for the threads
    std::deque<WSK_INSPECT_ID> timed;   // for the DPC
    KTIMER timer;
    KDPC dpc;
    bool has_gone = false;
};

// Attempts go away on the server's side of the network too, in each of their states.
void drop_some(Run& run, Faults& faults) {
    for (const Fault fault : {Fault::drop_inspected, Fault::drop_pended, Fault::drop_accepted}) {
        if (run.chance(20)) {
            faults.fail_with(fault, static_cast<double>(run.between(1, 40)) / 100);
        }
    }
}

void add_visitors(Run& run, const Server& server) {
    const std::uint64_t count = run.between(2, 10);
    for (std::uint64_t i = 0; i < count; ++i) {
        const bool leaves = run.chance(50);
        run.add_visitor(
            {.ip = server.ip(),
             .comes = run.moment(2ms),
             .bytes = run.below(200),
             .farewell = run.chance(50) ? Farewell::finish : Farewell::reset,
             .patience = leaves ? run.moment(run.chance(50) ? 1ms : 5s) + 1us : Duration(100s),
             .at_the_latest = run.chance(50) ? Farewell::reset : Farewell::close,
             .must_be_answered = !leaves});
    }
}

}  // namespace

OWSK_SCENARIO(conditional, "attempts are decided at once and later, while their clients go away") {
    Server& server = run.add_server();
    Listener* listener = nullptr;
    Operator* person = nullptr;
    server.perform([&] {
        listener = &server.keep<Listener>(server);
        person = &server.keep<Operator>(run, *listener);
        const bool by_event = run.chance(50);
        listener->on_inspect = [person](const WSK_INSPECT_ID& id) { return person->inspect(id); };
        listener->on_accepted = [](Connection& connection) { connection.echo(); };
        listener->open({.conditional = true, .events = by_event ? WSK_EVENT_ACCEPT : ULONG{0}});
        if (!by_event) {
            listener->keep_accepting(2);
        }
    });
    drop_some(run, server.machine().faults());
    add_visitors(run, server);
    const std::uint64_t workers = run.between(1, 2);
    for (std::uint64_t i = 0; i < workers; ++i) {
        server.start("operator" + std::to_string(i), [&] { person->work(); });
    }
    if (run.chance(50)) {
        server.start("asker", [&] {
            for (std::uint64_t left = run.below(200); left > 0; --left) {
                listener->ask_for_address();
                Server::sleep(run.moment(20us));
            }
        });
    }
    const bool closes_early = run.chance(25);
    if (closes_early) {
        server.start("closer", [&] {
            Server::sleep(run.moment(3ms));
            listener->close_and_wait();
        });
    }
    run.until_visitors_leave();
    person->has_gone = true;
    run.until_quiet();
    // A client that is gone without a word is missed when it does not answer.
    run.pass(3min);
    if (!closes_early) {
        run.attempts.check_settled(listener);
    }
    server.perform([&] {
        listener->close_and_wait();
        listener->close_connections();
        listener->wait_connections_closed();
        person->stop_timer();
    });
    run.finish();
}

}  // namespace owsk::scenarios
