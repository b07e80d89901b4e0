// SPDX-License-Identifier: MIT
// The statements of one function, with its guarded blocks rewritten.
#pragma once

#include <cstddef>
#include <string>

#include "cursor.h"
#include "rewrite.h"

namespace seh {

// What is between the braces, without them.
std::string rewrite_body(const Cursor& cursor,
                         std::size_t begin,
                         std::size_t end,
                         Language language);

}  // namespace seh
