// SPDX-License-Identifier: MIT
// Where the user finds a document that a message refers to.
#pragma once

#include <string>

namespace owsk::loader {

// The installed copy, if this program is installed; else its place in the sources.
std::string document(const std::string& name);

}  // namespace owsk::loader
