// SPDX-License-Identifier: MIT
// Errors of standard output come when a buffer is written, so the last one is written here.
#include "output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "exit_status.h"

namespace wskrun {

int status_with_output(int status, int error) {
    errno = 0;
    std::cout.flush();
    if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || std::cout.bad()) && error == 0) {
        error = errno != 0 ? errno : EIO;
    }
    if (error == 0 || error == EPIPE) {
        return status;
    }
    std::fprintf(stderr,
                 "wskrun: standard output could not be written completely: "
                 "%s\n",
                 std::strerror(error));
    return status == exit_fine ? exit_output_lost : status;
}

}  // namespace wskrun
