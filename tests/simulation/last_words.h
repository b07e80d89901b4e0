// SPDX-License-Identifier: MIT
// What is printed when the process dies by a signal or a sanitizer: how to do it again.
#pragma once

#include <string>

namespace owsk::scenarios {

// From now on; empty: nothing.
void set_last_words(const std::string& line);

}  // namespace owsk::scenarios
