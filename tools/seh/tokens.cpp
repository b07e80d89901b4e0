// SPDX-License-Identifier: MIT
#include "tokens.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

namespace seh {

namespace {

bool is_word(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

class Source::Reader {
  public:
    explicit Reader(Source& source) noexcept : source_(source), text_(source.text_) {}

    void read() {
        while (at_ < text_.size()) {
            const std::size_t begin = at_;
            const unsigned line = line_;
            const Kind kind = pass_token();
            const std::string_view token = text_.substr(begin, at_ - begin);
            source_.tokens_.push_back({kind, token, file_, line});
            if (kind == Kind::directive) {
                follow(token);
            }
        }
    }

  private:
    char look(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    Kind pass_token() noexcept {
        const char c = look();
        if (c == '#' && at_line_start_) {
            pass_line();
            return Kind::directive;
        }
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            pass_space();
            return Kind::space;
        }
        at_line_start_ = false;
        if (c == '"' || c == '\'') {
            pass_quoted(c);
            return Kind::literal;
        }
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            pass_number();
            return Kind::literal;
        }
        if (is_word(c)) {
            return pass_word();
        }
        ++at_;
        return Kind::mark;
    }

    void pass_space() noexcept {
        while (std::isspace(static_cast<unsigned char>(look())) != 0) {
            if (look() == '\n') {
                ++line_;
                at_line_start_ = true;
            }
            ++at_;
        }
    }

    void pass_line() noexcept {
        while (at_ < text_.size() && look() != '\n') {
            ++at_;
        }
    }

    void pass_quoted(char quote) noexcept {
        ++at_;
        while (at_ < text_.size() && look() != quote && look() != '\n') {
            at_ += look() == '\\' ? 2 : 1;
        }
        at_ = std::min(at_ + 1, text_.size());
    }

    void pass_number() noexcept {
        // Also 1e+5, 0x1p-3 and the separators of C++.
        while (is_word(look()) || look() == '.' || (look() == '\'' && is_word(look(1))) ||
               ((look() == '+' || look() == '-') &&
                std::string_view("eEpP").find(text_[at_ - 1]) != std::string_view::npos)) {
            ++at_;
        }
    }

    // L"..." and R"(...)" are literals.
    Kind pass_word() noexcept {
        const std::size_t begin = at_;
        while (is_word(look())) {
            ++at_;
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        const bool is_prefix = word == "L" || word == "u" || word == "U" || word == "u8";
        if (look() == '"' && word.ends_with('R') && word.size() <= 3) {
            pass_raw_string();
            return Kind::literal;
        }
        if (is_prefix && (look() == '"' || look() == '\'')) {
            pass_quoted(look());
            return Kind::literal;
        }
        return Kind::word;
    }

    void pass_raw_string() noexcept {
        const std::size_t open = text_.find('(', at_);
        if (open == std::string_view::npos) {
            at_ = text_.size();
            return;
        }
        const std::string end = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
        const std::size_t close = text_.find(end, open);
        const std::size_t past =
            close == std::string_view::npos ? text_.size() : close + end.size();
        for (; at_ < past; ++at_) {
            line_ += look() == '\n' ? 1 : 0;
        }
    }

    // A line marker says where the next line comes from: # 12 "driver.c" 2
    void follow(std::string_view directive) {
        std::size_t at = directive.find_first_not_of(" \t", 1);
        if (at == std::string_view::npos) {
            return;
        }
        if (directive.substr(at).starts_with("line")) {
            at = directive.find_first_of("0123456789", at);
        }
        if (at == std::string_view::npos ||
            std::isdigit(static_cast<unsigned char>(directive[at])) == 0) {
            return;
        }
        // The line break behind the directive counts one.
        line_ = static_cast<unsigned>(std::strtoul(directive.data() + at, nullptr, 10)) - 1;
        const std::size_t open = directive.find('"', at);
        const std::size_t close = directive.rfind('"');
        if (open != std::string_view::npos && close > open) {
            set_file(directive.substr(open, close - open + 1));
        }
    }

    void set_file(std::string_view name) {
        for (file_ = 0; file_ < source_.files_.size(); ++file_) {
            if (source_.files_[file_] == name) {
                return;
            }
        }
        source_.files_.emplace_back(name);
    }

    Source& source_;
    const std::string_view text_;
    std::size_t at_ = 0;
    std::size_t file_ = 0;
    unsigned line_ = 1;
    bool at_line_start_ = true;
};

Source::Source(std::string text) : text_(std::move(text)) {
    Reader(*this).read();
}

}  // namespace seh
