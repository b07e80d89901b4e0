// SPDX-License-Identifier: MIT
// Wrong: counts what is outstanding by reading, working and writing, without a lock.
#include "simulation/canaries/canary.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

struct Tally {
    KEVENT something;
    int outstanding = 0;

    void change(int by) {
        const int before = outstanding;
        KeSetEvent(&something, IO_NO_INCREMENT, FALSE);
        outstanding = before + by;
    }
};

}  // namespace

OWSK_CANARY(unprotected_counter,
            "a counter is read and written with something in between",
            "requests are outstanding") {
    Server& server = run.add_server({.registered = false});
    auto& tally = server.keep<Tally>();
    server.perform([&] { KeInitializeEvent(&tally.something, NotificationEvent, FALSE); });
    for (unsigned i = 0; i < 2; ++i) {
        server.start("counter", [&] {
            for (unsigned times = 0; times < 2; ++times) {
                tally.change(1);
                tally.change(-1);
            }
        });
    }
    run.until_quiet();
    if (tally.outstanding != 0) {
        run.fail(std::to_string(tally.outstanding) + " requests are outstanding at the end");
    }
    run.finish();
}

}  // namespace owsk::scenarios
