// SPDX-License-Identifier: MIT
// A TOML file as values that know their lines, so that whoever reads them can say where.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wskrun {

// What is wrong with a scenario, and in which line of its file.
struct ScenarioError : std::runtime_error {
    ScenarioError(unsigned where, const std::string& what) : runtime_error(what), line(where) {}
    unsigned line;
};

struct Member;

struct Value {
    enum class Kind : std::uint8_t { text, whole, real, truth, list, table, date };

    Kind kind = Kind::table;
    unsigned line = 0;
    std::string text;
    std::int64_t whole = 0;
    double real = 0;
    bool truth = false;
    std::vector<Value> items;
    std::vector<Member> members;  // in the order of their lines

    // Null: there is none.
    const Value* find(std::string_view name) const noexcept;
};

struct Member {
    std::string name;
    unsigned line = 0;
    Value value;
};

// "a text", "a whole number", ...: for people.
const char* to_string(Value::Kind kind) noexcept;

// The table that the whole text is. Throws ScenarioError.
Value parse_document(const std::string& text);

}  // namespace wskrun
