// SPDX-License-Identifier: MIT
// Sums wrap around, so that no script can make them overflow.
#include "net/script/quantity.h"

#include <array>

namespace owsk::net::script {

namespace {

constexpr std::array<std::pair<std::string_view, Variable>, 7> variables = {{
    {"snd.una", Variable::snd_una},
    {"snd.nxt", Variable::snd_nxt},
    {"rcv.nxt", Variable::rcv_nxt},
    {"seg.seq", Variable::seg_seq},
    {"seg.ack", Variable::seg_ack},
    {"seg.len", Variable::seg_len},
    {"seg.wnd", Variable::seg_wnd},
}};

std::int64_t add(std::int64_t sum, std::int64_t value, bool is_subtracted) noexcept {
    const auto left = static_cast<std::uint64_t>(sum);
    const auto right = static_cast<std::uint64_t>(value);
    return static_cast<std::int64_t>(is_subtracted ? left - right : left + right);
}

std::int64_t value_of(const Quantity::Term& term, const Values& values) {
    if (const auto* number = std::get_if<std::int64_t>(&term.value)) {
        return *number;
    }
    if (const auto* variable = std::get_if<Variable>(&term.value)) {
        return values.variable(*variable);
    }
    return values.name(*std::get_if<std::string>(&term.value));
}

std::string text_of(const Quantity::Term& term) {
    if (const auto* number = std::get_if<std::int64_t>(&term.value)) {
        return std::to_string(*number);
    }
    if (const auto* variable = std::get_if<Variable>(&term.value)) {
        return std::string(to_string(*variable));
    }
    return *std::get_if<std::string>(&term.value);
}

}  // namespace

std::string_view to_string(Variable variable) noexcept {
    for (const auto& [text, one] : variables) {
        if (one == variable) {
            return text;
        }
    }
    return {};
}

std::optional<Variable> variable_from_text(std::string_view text) noexcept {
    for (const auto& [name, variable] : variables) {
        if (name == text) {
            return variable;
        }
    }
    return {};
}

std::string variables_text() {
    std::string text;
    for (const auto& [name, variable] : variables) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

std::optional<std::int64_t> Quantity::constant() const noexcept {
    std::int64_t sum = 0;
    for (const Term& term : terms_) {
        const auto* number = std::get_if<std::int64_t>(&term.value);
        if (number == nullptr) {
            return {};
        }
        sum = add(sum, *number, term.is_subtracted);
    }
    return sum;
}

std::int64_t Quantity::value(const Values& values) const {
    std::int64_t sum = 0;
    for (const Term& term : terms_) {
        sum = add(sum, value_of(term, values), term.is_subtracted);
    }
    return sum;
}

Quantity operator+(Quantity sum, const Quantity& more) {
    sum.terms_.insert(sum.terms_.end(), more.terms_.begin(), more.terms_.end());
    return sum;
}

Quantity operator-(Quantity sum, const Quantity& less) {
    for (Quantity::Term term : less.terms_) {
        term.is_subtracted = !term.is_subtracted;
        sum.terms_.push_back(std::move(term));
    }
    return sum;
}

std::string to_string(const Quantity& quantity) {
    std::string text;
    for (const Quantity::Term& term : quantity.terms()) {
        const char* sign = term.is_subtracted ? "-" : "";
        if (!text.empty()) {
            sign = term.is_subtracted ? " - " : " + ";
        }
        text += sign + text_of(term);
    }
    return text;
}

std::string to_string(const Range& range) {
    const std::string low = to_string(range.low);
    return range.low == range.high ? low : low + ".." + to_string(range.high);
}

}  // namespace owsk::net::script
