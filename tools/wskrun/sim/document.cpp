// SPDX-License-Identifier: MIT
// From toml++'s nodes to ours; the only file that knows toml++.
#include "sim/document.h"

#include <toml++/toml.h>

#include <algorithm>

namespace wskrun {

namespace {

Value converted(const toml::node& node);

Value converted_table(const toml::table& table) {
    Value value;
    for (const auto& [key, node] : table) {
        value.members.push_back({std::string(key.str()), key.source().begin.line, converted(node)});
    }
    // toml++ sorts by name.
    std::stable_sort(value.members.begin(),
                     value.members.end(),
                     [](const Member& a, const Member& b) { return a.line < b.line; });
    return value;
}

Value converted_list(const toml::array& list) {
    Value value{.kind = Value::Kind::list};
    for (const toml::node& node : list) {
        value.items.push_back(converted(node));
    }
    return value;
}

Value converted_kind(const toml::node& node) {
    if (const auto* table = node.as_table()) {
        return converted_table(*table);
    }
    if (const auto* list = node.as_array()) {
        return converted_list(*list);
    }
    if (const auto* text = node.as_string()) {
        return {.kind = Value::Kind::text, .text = text->get()};
    }
    if (const auto* whole = node.as_integer()) {
        return {.kind = Value::Kind::whole,
                .whole = whole->get(),
                .real = static_cast<double>(whole->get())};
    }
    if (const auto* real = node.as_floating_point()) {
        return {.kind = Value::Kind::real, .real = real->get()};
    }
    if (const auto* truth = node.as_boolean()) {
        return {.kind = Value::Kind::truth, .truth = truth->get()};
    }
    return {.kind = Value::Kind::date};
}

Value converted(const toml::node& node) {
    Value value = converted_kind(node);
    value.line = node.source().begin.line;
    return value;
}

}  // namespace

const Value* Value::find(std::string_view name) const noexcept {
    for (const Member& member : members) {
        if (member.name == name) {
            return &member.value;
        }
    }
    return nullptr;
}

const char* to_string(Value::Kind kind) noexcept {
    switch (kind) {
        case Value::Kind::text:
            return "a text";
        case Value::Kind::whole:
            return "a whole number";
        case Value::Kind::real:
            return "a number with a fraction";
        case Value::Kind::truth:
            return "true or false";
        case Value::Kind::list:
            return "a list";
        case Value::Kind::table:
            return "a table";
        case Value::Kind::date:
            return "a date or time";
    }
    return "?";
}

Value parse_document(const std::string& text) {
    try {
        return converted(toml::parse(text));
    } catch (const toml::parse_error& error) {
        throw ScenarioError(error.source().begin.line,
                            "this is not TOML: " + std::string(error.description()));
    }
}

}  // namespace wskrun
