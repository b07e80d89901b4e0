// SPDX-License-Identifier: MIT
// The tokens of a preprocessed source, in which what separates them is a token too, so that the
// text can be put together again as it was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace seh {

enum class Kind : unsigned char {
    word,       // identifiers and keywords
    literal,    // numbers, characters, strings
    mark,       // operators and brackets, one character each
    space,      // white space without the line break before a directive
    directive,  // a whole line that begins with #
};

struct Token {
    Kind kind;
    std::string_view text;
    std::size_t file;  // index in Source::files
    unsigned line;

    bool is(std::string_view wanted) const noexcept { return text == wanted; }
    // Whether the compiler sees it as a token.
    bool counts() const noexcept { return kind != Kind::space && kind != Kind::directive; }
};

// Keeps the text that its tokens refer to.
class Source {
  public:
    explicit Source(std::string text);
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    const std::vector<Token>& tokens() const noexcept { return tokens_; }
    // As in the line markers, with quotes.
    const std::string& file_of(const Token& token) const noexcept { return files_[token.file]; }

  private:
    class Reader;

    const std::string text_;
    std::vector<std::string> files_{"\"\""};
    std::vector<Token> tokens_;
};

}  // namespace seh
