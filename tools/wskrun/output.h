// SPDX-License-Identifier: MIT
// What became of the program's output: a log that is not there must not look like one that is.
#pragma once

namespace wskrun {

// The exit status of a run, given the errno of what could not be written to standard output (0:
// nothing failed so far). Writes what is still to be written, and says what was lost. A reader that
// has ended (EPIPE) wanted no more.
int status_with_output(int status, int error);

}  // namespace wskrun
