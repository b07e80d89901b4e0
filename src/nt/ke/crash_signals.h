// SPDX-License-Identifier: MIT
// Crashes by way of the signals in which Linux tells of them: each becomes a bug check on the
// thread where it happened.
#pragma once

namespace owsk::nt::ke {

// From now on, for the whole process; later calls change nothing. Signals for which the program or
// a sanitizer has a handler already stay theirs. Under a debugger nothing is reported: it stops
// there.
void watch_crashes() noexcept;

// Lets the calling thread report that its stack is used up.
void prepare_thread_for_crashes() noexcept;

}  // namespace owsk::nt::ke
