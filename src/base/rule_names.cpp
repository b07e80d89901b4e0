// SPDX-License-Identifier: MIT
// What rules.def says of a rule.
#include <bugcodes.h>
#include <openwsk/rules.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace owsk {

namespace {

struct Row {
    std::string_view rule;
    const char* name;
    std::uint32_t code;
    std::optional<std::uint32_t> reason;
    const char* page;
    const char* sentence;
};

// The words of rules.def.
constexpr std::uint32_t ours = reason_of_ours;
constexpr std::nullopt_t none = std::nullopt;

constexpr Row rows[] = {
#define OWSK_RULE(rule, name, code, reason, page, sentence) \
    {#rule, name, code, reason, page, sentence},
#include <openwsk/rules.def>
#undef OWSK_RULE
};
static_assert(std::size(rows) == rule_count);

// Who has the name of a report finds the rule in the source by it, and the other way round.
constexpr bool is_spelled_alike(const Row& row) noexcept {
    return std::ranges::equal(row.rule, std::string_view(row.name), [](char a, char b) {
        return a == '_' ? b == '-' : a == b;
    });
}
static_assert(std::ranges::all_of(rows, is_spelled_alike));

const Row& row_of(Rule rule) noexcept {
    return rows[static_cast<std::size_t>(rule)];
}

}  // namespace

const char* rule_name(Rule rule) noexcept {
    return row_of(rule).name;
}

const char* rule_sentence(Rule rule) noexcept {
    return row_of(rule).sentence;
}

std::uint32_t rule_code(Rule rule) noexcept {
    return row_of(rule).code;
}

std::optional<std::uint32_t> rule_reason(Rule rule) noexcept {
    return row_of(rule).reason;
}

const char* rule_page(Rule rule) noexcept {
    return row_of(rule).page;
}

}  // namespace owsk
