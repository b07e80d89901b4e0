// SPDX-License-Identifier: MIT
// A reserve of memory, so that what is under way can go on to a point where nothing new is begun.
#pragma once

namespace owsk::host {

// From now on an allocation by operator new that the system refuses uses up the reserve before it
// fails. Once for the process; a program that has a std::new_handler of its own keeps it.
void keep_memory_reserve() noexcept;

// Whether a good part of the reserve has been used and cannot be filled again: no new connection or
// request should be begun. One look while nothing is short. Any thread.
bool memory_is_short() noexcept;

}  // namespace owsk::host
