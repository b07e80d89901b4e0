// SPDX-License-Identifier: MIT
// Bytes that a step sends or expects: a text or hexadecimal digits, once or many times.
#pragma once

#include <cstdint>
#include <string>

#include "sim/section.h"

namespace wskrun {

struct Bytes {
    std::string text = {};
    std::uint64_t repeat = 1;
};

// All of them together.
std::string repeated(const std::string& text, std::uint64_t times);

// From the key `name`, or else `hex_name`, and "repeat". At most `most` bytes in all; `too_many`
// is the sentence for more. Throws ScenarioError.
Bytes read_bytes(const Section& section,
                 const char* name,
                 const char* hex_name,
                 std::uint64_t most,
                 const char* too_many);

}  // namespace wskrun
