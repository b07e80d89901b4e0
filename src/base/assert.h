// SPDX-License-Identifier: MIT
// OWSK_ASSERT: a check of our own invariants, on in every build. What the world or a driver
// may cause is never asserted: the world gets an NTSTATUS, the driver gets a bug check.
#pragma once

namespace owsk {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace owsk

#define OWSK_ASSERT(condition)             \
    (static_cast<bool>(condition) ? void() \
                                  : ::owsk::assertion_failed(#condition, __FILE__, __LINE__))
