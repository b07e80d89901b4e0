// SPDX-License-Identifier: MIT
#include "cursor.h"

#include <algorithm>

#include "rewrite.h"

namespace seh {

std::size_t Cursor::from(std::size_t at) const noexcept {
    while (at < end() && !(*this)[at].counts()) {
        ++at;
    }
    return at;
}

std::size_t Cursor::before(std::size_t at) const noexcept {
    while (at > 0) {
        --at;
        if ((*this)[at].counts()) {
            return at;
        }
    }
    return end();
}

std::size_t Cursor::match(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t at = open; at < end(); ++at) {
        const Token& token = (*this)[at];
        if (token.kind != Kind::mark) {
            continue;
        }
        const char c = token.text.front();
        if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if ((c == ')' || c == ']' || c == '}') && --depth == 0) {
            return at;
        }
    }
    refuse(open, "this bracket is never closed");
}

bool Cursor::has_word(std::size_t begin, std::size_t end, std::string_view word) const noexcept {
    for (std::size_t at = begin; at < end; ++at) {
        if ((*this)[at].kind == Kind::word && (*this)[at].is(word)) {
            return true;
        }
    }
    return false;
}

std::string Cursor::text(std::size_t begin, std::size_t end) const {
    std::string all;
    for (std::size_t at = begin; at < end; ++at) {
        all += (*this)[at].text;
    }
    return all;
}

std::string Cursor::marker(std::size_t at) const {
    const Token& token = (*this)[std::min(at, end() - 1)];
    return "\n# " + std::to_string(token.line) + " " + source_.file_of(token) + "\n";
}

void Cursor::refuse(std::size_t at, const std::string& why) const {
    const Token& token = (*this)[std::min(at, end() - 1)];
    std::string file = source_.file_of(token);
    std::erase(file, '"');
    throw Refused(file + ":" + std::to_string(token.line) + ": error: " + why);
}

}  // namespace seh
