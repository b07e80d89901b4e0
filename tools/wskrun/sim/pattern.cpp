// SPDX-License-Identifier: MIT
// Tries the shortest text for each *, and goes back to the last one only.
#include "sim/pattern.h"

#include <cstddef>

namespace wskrun {

bool matches(std::string_view text, std::string_view pattern) noexcept {
    if (text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    std::size_t at = 0;
    std::size_t in_pattern = 0;
    std::size_t star = std::string_view::npos;  // the last one that was passed
    std::size_t after_star = 0;                 // where in the text its characters end
    while (at < text.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            star = in_pattern++;
            after_star = at;
        } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
            ++in_pattern;
            ++at;
        } else if (star != std::string_view::npos) {
            in_pattern = star + 1;
            at = ++after_star;
        } else {
            return false;
        }
    }
    while (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
        ++in_pattern;
    }
    return in_pattern == pattern.size();
}

}  // namespace wskrun
