// SPDX-License-Identifier: MIT
// Rules: what a driver must not do, and what a bug check says about it. rules.def has the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace owsk {

enum class Rule : std::uint8_t {
#define OWSK_RULE(rule, name, code, reason, page, sentence) rule,
#include <openwsk/rules.def>
#undef OWSK_RULE
};

inline constexpr std::size_t rule_count = 0
#define OWSK_RULE(rule, name, code, reason, page, sentence) +1
#include <openwsk/rules.def>
#undef OWSK_RULE
    ;

// As in rules.def: "irp-completed-twice", and what it means, for people.
const char* rule_name(Rule rule) noexcept;
const char* rule_sentence(Rule rule) noexcept;
// The bug check of Windows, and its first parameter where every such report has the same.
std::uint32_t rule_code(Rule rule) noexcept;
std::optional<std::uint32_t> rule_reason(Rule rule) noexcept;
// Below https://learn.microsoft.com/windows-hardware/drivers/.
const char* rule_page(Rule rule) noexcept;

// The reason of rules that Windows does not check: "wsk" in letters, which Windows never uses.
inline constexpr std::uint32_t reason_of_ours = 0x006B7377;

}  // namespace owsk
