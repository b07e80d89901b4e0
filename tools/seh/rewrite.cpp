// SPDX-License-Identifier: MIT
// A walk over declarations, which finds the bodies of functions.
#include "rewrite.h"

#include "cursor.h"
#include "function_body.h"

namespace seh {

namespace {

class Rewriter {
  public:
    Rewriter(const Source& source, Language language) noexcept : at_(source), language_(language) {}

    std::string all() { return declarations(0, at_.end()); }

  private:
    std::string declarations(std::size_t begin, std::size_t end) {
        std::string out;
        std::size_t start = begin;  // of the declaration
        for (std::size_t at = begin; at < end; ++at) {
            const Token& token = at_[at];
            out += token.text;
            if (token.is(";") || token.is("}")) {
                start = at + 1;
            }
            if (!token.is("{")) {
                continue;
            }
            const std::size_t close = at_.match(at);
            if (!at_.has_guards(at, close)) {
                out += at_.text(at + 1, close);
            } else if (holds_declarations(start, at)) {
                out += declarations(at + 1, close);
            } else {
                out += rewrite_body(at_, at + 1, close, language_);
            }
            at = close - 1;
        }
        return out;
    }

    // namespace, extern "C", and classes; the rest are bodies of functions.
    bool holds_declarations(std::size_t start, std::size_t brace) const noexcept {
        if (at_.has_word(start, brace, "namespace")) {
            return true;
        }
        const std::size_t last = at_.before(brace);
        if (last < at_.end() && at_[last].kind == Kind::literal) {
            return true;
        }
        bool is_class = false;
        for (std::size_t at = start; at < brace; ++at) {
            is_class =
                is_class || at_[at].is("class") || at_[at].is("struct") || at_[at].is("union");
            if (at_[at].is("(")) {
                return false;
            }
        }
        return is_class;
    }

    const Cursor at_;
    const Language language_;
};

}  // namespace

bool has_guarded_blocks(const Source& source) noexcept {
    const Cursor cursor(source);
    return cursor.has_guards(0, cursor.end());
}

std::string rewrite(const Source& source, Language language) {
    return Rewriter(source, language).all();
}

}  // namespace seh
