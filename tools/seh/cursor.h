// SPDX-License-Identifier: MIT
// Finding one's way in tokens: what comes next, and where a bracket ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tokens.h"

namespace seh {

class Cursor {
  public:
    explicit Cursor(const Source& source) noexcept : source_(source) {}

    const Token& operator[](std::size_t at) const noexcept { return source_.tokens()[at]; }
    std::size_t end() const noexcept { return source_.tokens().size(); }

    // The first token from `at` on that the compiler sees; end() if there is none.
    std::size_t from(std::size_t at) const noexcept;
    std::size_t after(std::size_t at) const noexcept { return from(at + 1); }
    // The last one before `at`; end() if there is none.
    std::size_t before(std::size_t at) const noexcept;
    bool is(std::size_t at, std::string_view text) const noexcept {
        return at < end() && (*this)[at].is(text);
    }
    // The bracket that closes the one at `open`. Throws Refused.
    std::size_t match(std::size_t open) const;
    bool has_word(std::size_t begin, std::size_t end, std::string_view word) const noexcept;

    // Whether there is anything to rewrite.
    bool has_guards(std::size_t begin, std::size_t end) const noexcept {
        return has_word(begin, end, "__finally") || has_word(begin, end, "__except") ||
               has_word(begin, end, "__leave");
    }

    std::string text(std::size_t begin, std::size_t end) const;
    // Says to the compiler where the next line comes from.
    std::string marker(std::size_t at) const;
    [[noreturn]] void refuse(std::size_t at, const std::string& why) const;

  private:
    const Source& source_;
};

}  // namespace seh
