// SPDX-License-Identifier: MIT
// line_at: file and line of a place in the program, where its debug information and libdw are
// there.
#pragma once

#include <cstdint>
#include <string>

namespace owsk::nt::ke {

// "driver.c:18"; empty if nobody knows, or if another thread is asking at this moment.
std::string line_at(std::uintptr_t address);

}  // namespace owsk::nt::ke
