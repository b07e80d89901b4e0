// SPDX-License-Identifier: MIT
// OWSK_ASSERT: a check of our own invariants, on in every build. What the world or a driver
// may cause is never asserted: the world gets an NTSTATUS, the driver gets a bug check.
#pragma once

namespace owsk {

namespace detail {
// The calling thread has said already why the process is about to end.
inline constinit thread_local bool end_is_reported = false;
}  // namespace detail

// Aborts after a report, which whoever watches for crashes need not repeat.
[[noreturn]] void abort_after_report() noexcept;

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace owsk

#define OWSK_ASSERT(condition)             \
    (static_cast<bool>(condition) ? void() \
                                  : ::owsk::assertion_failed(#condition, __FILE__, __LINE__))
