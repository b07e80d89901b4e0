// SPDX-License-Identifier: MIT
// Section: a table of a scenario whose keys are known; every error names the line, what is there
// and what is allowed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document.h"
#include "sim/units.h"

namespace wskrun {

// "a", "b" or "c".
std::string alternatives(const std::vector<std::string>& names);

// All throw ScenarioError. `what` begins the sentence: "latency".
const std::string& text_of(const Value& value, const std::string& what);
std::int64_t whole_of(const Value& value,
                      const std::string& what,
                      std::int64_t least,
                      std::int64_t most);
Duration duration_of(const Value& value, const std::string& what);
// Of bytes, at least one.
std::uint64_t size_of(const Value& value, const std::string& what);
double share_of(const Value& value, const std::string& what);
bool truth_of(const Value& value, const std::string& what);
const std::vector<Value>& list_of(const Value& value, const std::string& what);
const Value& table_of(const Value& value, const std::string& what);
// One of the names.
std::string one_of(const Value& value,
                   const std::string& what,
                   const std::vector<std::string>& names);
[[noreturn]] void refuse_kind(const Value& value, const std::string& what, const char* allowed);

class Section {
  public:
    // `what` is for people: "[[client]]". Throws for a key that is not among `keys`.
    Section(const Value& table, std::string what, const std::vector<std::string>& keys);

    unsigned line() const noexcept { return table_.line; }
    const Value* find(const char* key) const noexcept { return table_.find(key); }
    // Throws if it is missing.
    const Value& require(const char* key) const;
    bool has(const char* key) const noexcept { return find(key) != nullptr; }

    std::optional<std::string> text(const char* key) const;
    std::optional<Duration> duration(const char* key) const;
    std::optional<std::int64_t> whole(const char* key, std::int64_t least, std::int64_t most) const;

  private:
    const Value& table_;
    const std::string what_;
};

}  // namespace wskrun
