// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace bench {

// Keeps connections open that do nothing, each after one echo. Standard input says how many: a
// number on a line, never less than the one before; "open NUMBER" is printed when there are as
// many. They are closed at the end of the input.
void keep_idle_connections(uint16_t port);

}  // namespace bench
