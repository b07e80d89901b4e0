// SPDX-License-Identifier: MIT
// Wrong: counts what is outstanding by reading, working and writing, without a lock.
#include "simulation/canaries/canary.h"
#include "simulation/canaries/unguarded_counter.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {
OWSK_CANARY(unprotected_counter,
            "a counter is read and written with something in between",
            "requests are outstanding") {
    Server& server = run.add_server({.registered = false});
    auto& tally = server.keep<UnguardedCounter>();
    server.perform([&] { tally.initialize(); });
    for (unsigned i = 0; i < 2; ++i) {
        server.start("counter", [&] {
            for (unsigned times = 0; times < 2; ++times) {
                tally.change(1);
                tally.change(-1);
            }
        });
    }
    run.until_quiet();
    if (tally.value() != 0) {
        run.fail("requests are outstanding at the end: " + std::to_string(tally.value()));
    }
    run.finish();
}

}  // namespace owsk::scenarios
