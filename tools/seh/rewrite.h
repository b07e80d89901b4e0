// SPDX-License-Identifier: MIT
// Rewrites the guarded blocks of a preprocessed source, so that compilers for Linux understand
// them.
#pragma once

#include <stdexcept>
#include <string>

#include "tokens.h"

namespace seh {

// What cannot be rewritten; the text is a message with file and line, as compilers write them.
class Refused : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Language : unsigned char { c, cpp };

bool has_guarded_blocks(const Source& source) noexcept;

// __finally runs however its guarded body is left: at its end, and by return, goto, break,
// continue and __leave. A handler of __except never runs, since nothing raises an exception;
// it is compiled all the same. Throws Refused.
std::string rewrite(const Source& source, Language language);

}  // namespace seh
