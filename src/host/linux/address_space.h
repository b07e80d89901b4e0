// SPDX-License-Identifier: MIT
// Where Linux puts programs and their libraries: at random, unless a process asks otherwise before
// it starts a program.
#pragma once

namespace owsk::host {

// Whether addresses are the same in each run. Where they are not, it starts the running program
// again so that they are, with the same arguments, descriptors and environment, and does not
// return. False where the system forbids that, as some containers do.
bool start_again_without_randomisation() noexcept;

}  // namespace owsk::host
