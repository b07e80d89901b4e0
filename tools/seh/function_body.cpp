// SPDX-License-Identifier: MIT
// A walk over the statements of a body. One that leaves a guarded body early gets a copy of each
// __finally block that it leaves behind, the inner ones first.
#include "function_body.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace seh {

namespace {

struct Range {
    std::size_t begin;  // the opening brace
    std::size_t end;    // the closing one
};

// A guarded body that encloses the statement at hand.
struct Guard {
    const Guard* outer;
    Range body;
    Range finally;  // empty for __except
    unsigned number;
    unsigned loops;  // how many loops and switches of the function enclose it

    bool has_finally() const noexcept { return finally.end != 0; }
};

// Where a statement stands.
struct Place {
    const Guard* guard = nullptr;
    unsigned loops = 0;
    unsigned switches = 0;    // those inside the innermost loop
    bool left_early = false;  // in a copy of a __finally block: what AbnormalTermination() says
};

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) noexcept {
    for (const std::string_view word : words) {
        if (token.is(word)) {
            return true;
        }
    }
    return false;
}

class FunctionBody {
  public:
    FunctionBody(const Cursor& cursor, Language language) noexcept
        : at_(cursor), language_(language) {}

    std::string rewrite(std::size_t begin, std::size_t end) {
        return statements(begin, end, Place{});
    }

  private:
    // --- statements -----------------------------------------------------------------------------

    std::string statements(std::size_t begin, std::size_t end, Place place) {
        std::string out;
        for (std::size_t at = begin; at < end;) {
            out += statement(at, end, place);
        }
        return out;
    }

    // One statement from `at` on, which is moved behind it.
    std::string statement(std::size_t& at, std::size_t end, Place place) {
        const std::size_t first = std::min(at_.from(at), end);
        std::string out = at_.text(at, first);
        at = first;
        if (at == end) {
            return out;
        }
        const Token& token = at_[at];
        if (token.is("{")) {
            return out + block(at, place);
        }
        if (is_one_of(token, {"if", "for", "while", "switch"})) {
            return out + with_header(at, end, place);
        }
        if (is_one_of(token, {"do", "else"})) {
            if (token.is("do")) {
                enter_loop(place);
            }
            out += token.text;
            ++at;
            return out + statement(at, end, place);
        }
        // Headers of the C++ library may have made `try` out of it.
        if (is_one_of(token, {"__try", "try"})) {
            return out + guarded(at, place);
        }
        if (token.is("return")) {
            return out + leave_by_return(at, place);
        }
        if (is_one_of(token, {"goto", "break", "continue"})) {
            return out + leave_by_jump(at, place);
        }
        if (token.is("__leave")) {
            return out + leave(at, place);
        }
        if (is_label(at)) {
            const std::size_t colon = at_.after(at);
            out += at_.text(at, colon + 1);
            at = colon + 1;
            return out;
        }
        return out + expression(at, end, place);
    }

    static void enter_loop(Place& place) noexcept {
        ++place.loops;
        place.switches = 0;
    }

    std::string block(std::size_t& at, Place place) {
        const std::size_t open = at;
        const std::size_t close = at_.match(open);
        at = close + 1;
        return "{" + statements(open + 1, close, place) + "}";
    }

    std::string with_header(std::size_t& at, std::size_t end, Place place) {
        const bool is_switch = at_[at].is("switch");
        if (is_switch) {
            ++place.loops;
            ++place.switches;
        } else if (!at_[at].is("if")) {
            enter_loop(place);
        }
        std::size_t open = at_.after(at);
        if (!at_.is(open, "(")) {  // if constexpr
            open = at_.after(open);
        }
        if (!at_.is(open, "(")) {
            return expression(at, end, place);
        }
        const std::size_t close = at_.match(open);
        std::string out = at_.text(at, close + 1);
        at = close + 1;
        // The end of a do loop has no statement.
        return at_.is(at_.from(at), ";") ? out : out + statement(at, end, place);
    }

    bool is_label(std::size_t at) const noexcept {
        const std::size_t colon = at_.after(at);
        return at_[at].kind == Kind::word && !is_one_of(at_[at], {"default", "case"}) &&
               at_.is(colon, ":") && !at_.is(colon + 1, ":");
    }

    // A declaration or an expression, with its semicolon. What has braces in it may be a lambda or
    // a local class, which begin anew, or a statement expression, which does not.
    std::string expression(std::size_t& at, std::size_t end, Place place) {
        std::string out;
        while (at < end) {
            const Token& token = at_[at];
            if (token.is("{")) {
                const std::size_t previous = at_.before(at);
                const bool goes_on = at_.is(previous, "(");
                out += block(at, goes_on ? place : Place{});
                if (!goes_on && begins_statement(at_.from(at))) {
                    return out;  // behind a function in a function
                }
                continue;
            }
            if (is_one_of(
                    token,
                    {"AbnormalTermination", "_abnormal_termination", "abnormal_termination"}) &&
                at_.is(at_.after(at), "(")) {
                out += place.left_early ? "(1)" : "(0)";
                at = at_.match(at_.after(at)) + 1;
                continue;
            }
            out += token.text;
            ++at;
            if (token.is(";") || token.is(":")) {
                return out;
            }
        }
        return out;
    }

    bool begins_statement(std::size_t at) const noexcept {
        return at < at_.end() && is_one_of(at_[at],
                                           {"return",
                                            "goto",
                                            "break",
                                            "continue",
                                            "__leave",
                                            "__try",
                                            "try",
                                            "if",
                                            "for",
                                            "while",
                                            "do",
                                            "switch",
                                            "case",
                                            "default"});
    }

    // --- guarded blocks -------------------------------------------------------------------------

    std::string guarded(std::size_t& at, Place place) {
        const std::size_t keyword = at;
        const std::size_t open = at_.after(at);
        if (!at_.is(open, "{")) {
            at_.refuse(keyword, "__try without a block");
        }
        const Range body{open, at_.match(open)};
        const std::size_t handler = at_.after(body.end);
        if (at_.is(handler, "catch")) {
            // The __try of a C++ library.
            at = keyword + 1;
            return "try";
        }
        if (at_.is(handler, "__except")) {
            return with_except(at, handler, body, place);
        }
        if (at_.is(handler, "__finally")) {
            return with_finally(at, handler, body, place);
        }
        at_.refuse(keyword, "__try without __except or __finally");
    }

    std::string with_except(std::size_t& at, std::size_t handler, Range body, Place place) {
        const std::size_t filter = at_.after(handler);
        if (!at_.is(filter, "(")) {
            at_.refuse(handler, "__except without a filter in parentheses");
        }
        const std::size_t filter_end = at_.match(filter);
        const std::size_t open = at_.after(filter_end);
        if (!at_.is(open, "{")) {
            at_.refuse(handler, "__except without a block");
        }
        const Guard guard{place.guard, body, {0, 0}, ++guards_, place.loops};
        std::string out = guarded_body(guard, place);
        out += "if (0) { if " + at_.text(filter, open);
        at = open;
        return out + block(at, place) + "}}";
    }

    std::string with_finally(std::size_t& at, std::size_t handler, Range body, Place place) {
        const std::size_t open = at_.after(handler);
        if (!at_.is(open, "{")) {
            at_.refuse(handler, "__finally without a block");
        }
        const Guard guard{place.guard, body, {open, at_.match(open)}, ++guards_, place.loops};
        std::string out = guarded_body(guard, place);
        out += at_.text(handler + 1, open);
        at = open;
        place.left_early = false;
        return out + block(at, place) + "}";
    }

    // { { body } the place to which __leave goes
    std::string guarded_body(const Guard& guard, Place place) {
        place.guard = &guard;
        std::size_t at = guard.body.begin;
        std::string out = "{" + block(at, place);
        out += at_.text(at, at_.from(at));
        if (at_.has_word(guard.body.begin, guard.body.end, "__leave")) {
            out += " " + leave_label(guard) + ": __attribute__((unused)); ";
        }
        return out;
    }

    static std::string leave_label(const Guard& guard) {
        return "owsk_leave_" + std::to_string(guard.number);
    }

    std::string leave(std::size_t& at, const Place& place) {
        if (place.guard == nullptr) {
            at_.refuse(at, "__leave outside of a __try block");
        }
        ++at;
        return "goto " + leave_label(*place.guard);
    }

    // The __finally blocks from the innermost up to, not including, `until`.
    std::string finally_blocks(const Guard* from, const Guard* until) {
        std::string out;
        for (const Guard* guard = from; guard != until; guard = guard->outer) {
            if (guard->has_finally()) {
                out += copy_of_finally(*guard);
            }
        }
        return out;
    }

    std::string copy_of_finally(const Guard& guard) {
        refuse_labels(guard.finally);
        std::size_t at = guard.finally.begin;
        // What it leaves by jumps of its own is left from where it stands.
        const Place place{
            .guard = guard.outer, .loops = guard.loops, .switches = 0, .left_early = true};
        const std::string line = at_.marker(at);
        return line + block(at, place);
    }

    void refuse_labels(Range block) const {
        for (std::size_t at = block.begin; at < block.end; ++at) {
            if (stands_at_label(at)) {
                at_.refuse(at,
                           "a label in a __finally block whose guarded body is left early; put "
                           "what is behind it into a function");
            }
        }
    }

    bool stands_at_label(std::size_t at) const noexcept {
        const std::size_t previous = at_.before(at);
        return at_[at].kind == Kind::word && is_label(at) && previous < at_.end() &&
               is_one_of(at_[previous], {";", "{", "}", ":", ")"});
    }

    bool has_label(Range body, std::string_view name) const noexcept {
        for (std::size_t at = body.begin; at < body.end; ++at) {
            if (at_[at].is(name) && stands_at_label(at)) {
                return true;
            }
        }
        return false;
    }

    static bool leaves_a_finally(const Guard* from, const Guard* until) noexcept {
        for (const Guard* guard = from; guard != until; guard = guard->outer) {
            if (guard->has_finally()) {
                return true;
            }
        }
        return false;
    }

    // --- statements that leave ------------------------------------------------------------------

    std::size_t semicolon(std::size_t at) const {
        const std::size_t begin = at;
        for (; at < at_.end(); ++at) {
            if (at_[at].is(";")) {
                return at;
            }
            if (is_one_of(at_[at], {"(", "[", "{"})) {
                at = at_.match(at);
            }
        }
        at_.refuse(begin, "this statement has no end");
    }

    std::string leave_by_return(std::size_t& at, const Place& place) {
        const std::size_t keyword = at;
        if (!leaves_a_finally(place.guard, nullptr)) {
            Place plain = place;
            return expression(at, at_.end(), plain);
        }
        const std::size_t end = semicolon(at);
        at = end + 1;
        const std::size_t value = at_.from(keyword + 1);
        const std::string blocks = finally_blocks(place.guard, nullptr);
        const std::string back = at_.marker(keyword);
        if (value == end || is_constant(value, end)) {
            return "{" + blocks + back + at_.text(keyword, end + 1) + "}";
        }
        if (at_[value].is("{")) {
            at_.refuse(value,
                       "return of a list in braces out of a __try block with __finally; name "
                       "its type");
        }
        // The value is that of before the blocks.
        const std::string name = "owsk_returned_" + std::to_string(++returns_);
        const std::string type = language_ == Language::c ? "__auto_type " : "auto ";
        return "{" + type + name + " = (" + at_.text(value, end) + ");" + blocks + back +
               "return " + name + ";}";
    }

    // Literals and casts of them: nothing that a __finally block could change, and in C++ nothing
    // whose type would say less than it does, as the one of NULL.
    bool is_constant(std::size_t begin, std::size_t end) const noexcept {
        for (std::size_t at = begin; at < end; ++at) {
            const Token& token = at_[at];
            if (token.kind == Kind::word && !is_one_of(token,
                                                       {"void",
                                                        "char",
                                                        "short",
                                                        "int",
                                                        "long",
                                                        "unsigned",
                                                        "signed",
                                                        "const",
                                                        "nullptr",
                                                        "__null",
                                                        "true",
                                                        "false"})) {
                return false;
            }
        }
        return true;
    }

    std::string leave_by_jump(std::size_t& at, const Place& place) {
        const std::size_t keyword = at;
        const std::size_t end = semicolon(at);
        at = end + 1;
        const Guard* const until = stays_within(keyword, place);
        if (!leaves_a_finally(place.guard, until)) {
            return at_.text(keyword, end + 1);
        }
        return "{" + finally_blocks(place.guard, until) + at_.marker(keyword) +
               at_.text(keyword, end + 1) + "}";
    }

    // The innermost guard that the jump does not leave.
    const Guard* stays_within(std::size_t keyword, const Place& place) const noexcept {
        const Guard* guard = place.guard;
        if (at_[keyword].is("goto")) {
            const std::string_view label = at_[at_.after(keyword)].text;
            while (guard != nullptr && !has_label(guard->body, label)) {
                guard = guard->outer;
            }
            return guard;
        }
        // continue passes the switches by.
        const unsigned target =
            at_[keyword].is("continue") ? place.loops - place.switches : place.loops;
        while (guard != nullptr && guard->loops >= target) {
            guard = guard->outer;
        }
        return guard;
    }

    const Cursor& at_;
    const Language language_;
    unsigned guards_ = 0;
    unsigned returns_ = 0;
};

}  // namespace

std::string rewrite_body(const Cursor& cursor,
                         std::size_t begin,
                         std::size_t end,
                         Language language) {
    return FunctionBody(cursor, language).rewrite(begin, end);
}

}  // namespace seh
