// SPDX-License-Identifier: MIT
// wskrun: runs Winsock Kernel drivers as an ordinary Linux process.
#include <openwsk/process.h>
#include <signal.h>

#include <cstdio>
#include <exception>

#include "doctor.h"
#include "exit_status.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "sanitizer.h"
#include "sim/simulated_run.h"

int main(int argc, char** argv) {
    const wskrun::Parsed parsed = wskrun::parse_command_line(argc, argv);
    if (!parsed.options) {
        return wskrun::status_with_output(parsed.exit_status, parsed.output_error);
    }
    // A server does not end because whoever read its output has ended.
    signal(SIGPIPE, SIG_IGN);
    wskrun::start_again_for_sanitizer(*parsed.options, argv);
    try {
        if (parsed.options->doctor) {
            return wskrun::status_with_output(wskrun::examine_machine(), 0);
        }
        if (parsed.options->network == wskrun::NetworkKind::sim) {
            return wskrun::run_simulated(*parsed.options);
        }
        owsk::raise_descriptor_limit();
        return wskrun::run_drivers(*parsed.options);
    } catch (const std::exception& error) {
        // Too few descriptors or threads, for the most part.
        std::fprintf(stderr,
                     "wskrun: this machine cannot run drivers: %s; wskrun doctor may say more\n",
                     error.what());
        return wskrun::exit_driver_failed;
    }
}
