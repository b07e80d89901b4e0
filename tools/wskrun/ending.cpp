// SPDX-License-Identifier: MIT
// What exit(3) would do besides cannot be done here.
#include "ending.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace wskrun {

void end_now(int status) {
    std::fflush(nullptr);
    _exit(status);
}

void end_with_core(const owsk::BugCheck& check, const ModuleFolder& modules) {
    modules.keep();
    std::fprintf(stderr,
                 "wskrun: %s; the loaded modules are in %s\n",
                 check.signal == 0 ? "aborting" : "ending by the signal of the crash",
                 modules.path().c_str());
    if (check.signal != 0) {
        signal(check.signal, SIG_DFL);
        raise(check.signal);
    }
    std::abort();
}

}  // namespace wskrun
