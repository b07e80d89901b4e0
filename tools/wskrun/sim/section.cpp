// SPDX-License-Identifier: MIT
// Wrong keys, wrong kinds, wrong values.
#include "sim/section.h"

#include <algorithm>
#include <utility>

#include "nearest.h"

namespace wskrun {

std::string alternatives(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool is_last = i + 1 == names.size();
        text += (i == 0 ? "" : is_last ? " or " : ", ") + ('"' + names[i] + '"');
    }
    return text;
}

void refuse_kind(const Value& value, const std::string& what, const char* allowed) {
    std::string is = to_string(value.kind);
    if (value.kind == Value::Kind::text) {
        is = show_bytes(value.text);
    } else if (value.kind == Value::Kind::whole) {
        is = std::to_string(value.whole);
    } else if (value.kind == Value::Kind::truth) {
        is = value.truth ? "true" : "false";
    }
    throw ScenarioError(value.line, what + " is " + is + "; expected " + allowed);
}

const std::string& text_of(const Value& value, const std::string& what) {
    if (value.kind != Value::Kind::text) {
        refuse_kind(value, what, "a text in quotes");
    }
    return value.text;
}

std::int64_t whole_of(const Value& value,
                      const std::string& what,
                      std::int64_t least,
                      std::int64_t most) {
    if (value.kind != Value::Kind::whole || value.whole < least || value.whole > most) {
        const std::string allowed =
            "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
        refuse_kind(value, what, allowed.c_str());
    }
    return value.whole;
}

Duration duration_of(const Value& value, const std::string& what) {
    const std::optional<Duration> duration =
        value.kind == Value::Kind::text ? parse_duration(value.text) : std::nullopt;
    if (!duration) {
        refuse_kind(value, what, durations_allowed);
    }
    return *duration;
}

std::uint64_t size_of(const Value& value, const std::string& what) {
    const std::optional<std::uint64_t> size =
        value.kind == Value::Kind::text ? parse_size(value.text) : std::nullopt;
    if (!size || *size == 0) {
        refuse_kind(value, what, sizes_allowed);
    }
    return *size;
}

double share_of(const Value& value, const std::string& what) {
    if (value.kind == Value::Kind::whole || value.kind == Value::Kind::real) {
        return value.real;
    }
    const std::optional<double> share =
        value.kind == Value::Kind::text ? parse_share(value.text) : std::nullopt;
    if (!share) {
        refuse_kind(value, what, shares_allowed);
    }
    return *share;
}

bool truth_of(const Value& value, const std::string& what) {
    if (value.kind != Value::Kind::truth) {
        refuse_kind(value, what, "true or false, without quotes");
    }
    return value.truth;
}

const std::vector<Value>& list_of(const Value& value, const std::string& what) {
    if (value.kind != Value::Kind::list) {
        refuse_kind(value, what, "a list in [ ]");
    }
    return value.items;
}

const Value& table_of(const Value& value, const std::string& what) {
    if (value.kind != Value::Kind::table) {
        refuse_kind(value, what, "a table");
    }
    return value;
}

std::string one_of(const Value& value,
                   const std::string& what,
                   const std::vector<std::string>& names) {
    if (value.kind != Value::Kind::text ||
        std::find(names.begin(), names.end(), value.text) == names.end()) {
        refuse_kind(value, what, alternatives(names).c_str());
    }
    return value.text;
}

Section::Section(const Value& table, std::string what, const std::vector<std::string>& keys)
    : table_(table_of(table, what)), what_(std::move(what)) {
    for (const Member& member : table.members) {
        if (std::find(keys.begin(), keys.end(), member.name) == keys.end()) {
            throw ScenarioError(member.line,
                                "unknown key \"" + member.name + "\" in " + what_ + "; expected " +
                                    alternatives(keys) + did_you_mean(member.name, keys));
        }
    }
}

const Value& Section::require(const char* key) const {
    const Value* const value = find(key);
    if (value == nullptr) {
        throw ScenarioError(table_.line, what_ + " needs the key \"" + key + '"');
    }
    return *value;
}

std::optional<std::string> Section::text(const char* key) const {
    const Value* const value = find(key);
    return value == nullptr ? std::nullopt : std::optional(text_of(*value, key));
}

std::optional<Duration> Section::duration(const char* key) const {
    const Value* const value = find(key);
    return value == nullptr ? std::nullopt : std::optional(duration_of(*value, key));
}

std::optional<std::int64_t> Section::whole(const char* key,
                                           std::int64_t least,
                                           std::int64_t most) const {
    const Value* const value = find(key);
    return value == nullptr ? std::nullopt : std::optional(whole_of(*value, key, least, most));
}

}  // namespace wskrun
