// SPDX-License-Identifier: MIT
// From toml++'s nodes to ours; the only file that knows toml++.
#include "sim/document.h"

// In a debug build toml++ would end the program where it finds a text that it cannot make sense of;
// without that it says where.
#define TOML_ASSERT(expression) static_cast<void>(0)
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

Value converted_kind(const toml::node& node) {
    if (const auto* table = node.as_table()) {
        return converted_table(*table);
    }
    Value value;
    value.kind = Value::Kind::date;
    if (const auto* list = node.as_array()) {
        value.kind = Value::Kind::list;
        for (const toml::node& item : *list) {
            value.items.push_back(converted(item));
        }
    } else if (const auto* text = node.as_string()) {
        value.kind = Value::Kind::text;
        value.text = text->get();
    } else if (const auto* whole = node.as_integer()) {
        value.kind = Value::Kind::whole;
        value.whole = whole->get();
        value.real = static_cast<double>(whole->get());
    } else if (const auto* real = node.as_floating_point()) {
        value.kind = Value::Kind::real;
        value.real = real->get();
    } else if (const auto* truth = node.as_boolean()) {
        value.kind = Value::Kind::truth;
        value.truth = truth->get();
    }
    return value;
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
