// SPDX-License-Identifier: MIT
// LineReader: takes words, numbers and texts off the front of one line of a script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace owsk::net::script {

// Thrown at what is wrong with a line, and caught by who reads the lines.
struct Complaint {
    std::string message;
};

class LineReader {
  public:
    explicit LineReader(std::string_view line) noexcept : rest_(line) {}

    // Nothing but spaces or a comment is left.
    bool at_end() noexcept;
    // What is next, for messages: "SIN" with quotes.
    std::string next_quoted();
    // The same behind "but": 'this is "SIN"', or that the line ends.
    std::string found();

    // Letters, digits, "_", and "." before a letter; empty if something else is next. "seg.seq"
    std::string_view peek_word() noexcept;
    std::string_view word() noexcept;
    // Takes it if it is next.
    bool take_word(std::string_view word) noexcept;
    bool take(std::string_view symbol) noexcept;
    // Everything to the next space.
    std::string_view token() noexcept;

    // They throw a Complaint when something else is next. `what` says what it is for: "seq".
    // A number is decimal, or hexadecimal with 0x.
    bool number_is_next() noexcept;
    std::uint64_t number(std::string_view what, std::uint64_t largest);
    Duration duration(std::string_view what);
    bool text_is_next() noexcept;
    std::string text();

  private:
    void skip_spaces() noexcept;
    std::uint64_t digits(int base, std::string_view what, std::uint64_t largest);
    char escape();

    std::string_view rest_;
};

}  // namespace owsk::net::script
