// SPDX-License-Identifier: MIT
// The end of a run whose invariants no longer hold.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

#include "base/interleave.h"

namespace owsk {

void abort_after_report() noexcept {
    detail::end_is_reported = true;
    std::abort();
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(
        stderr, "openwsk: internal error: %s does not hold (%s:%d)\n", condition, file, line);
    if (is_simulated() && detail::interleaver->replay_line()[0] != '\0') {
        std::fprintf(stderr, "  replay: %s\n", detail::interleaver->replay_line());
    }
    std::abort();
}

}  // namespace owsk
