// SPDX-License-Identifier: MIT
// What wskrun's exit status says. docs/man/wskrun.1 lists the same.
#pragma once

namespace wskrun {

enum ExitStatus : int {
    exit_fine = 0,
    exit_driver_failed = 1,  // it could not be loaded, or its DriverEntry failed
    exit_usage = 2,
    exit_bug_check = 3,  // or a rule that a driver broke
    exit_leak = 4,
    exit_not_as_expected = 5,  // an expectation of a scenario was not met
    exit_stuck = 6,            // nobody in the simulation could go on, or came to an end
    exit_output_lost = 7,  // all went well, but standard output, or a capture, could not be written
    exit_ended_at_once = 130,  // the third Ctrl-C
};

}  // namespace wskrun
