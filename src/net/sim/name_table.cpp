// SPDX-License-Identifier: MIT
// A handful of entries, looked through from the beginning.
#include "net/sim/name_table.h"

#include <algorithm>
#include <utility>

namespace owsk::net {

namespace {

char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string_view without_last_dot(std::string_view name) noexcept {
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

}  // namespace

bool is_same_name(std::string_view one, std::string_view other) noexcept {
    return std::ranges::equal(without_last_dot(one), without_last_dot(other), {}, lower, lower);
}

void NameTable::set(Entry entry) {
    const auto same = std::ranges::find_if(
        entries_, [&](const Entry& other) { return is_same_name(other.name, entry.name); });
    if (same != entries_.end()) {
        *same = std::move(entry);
    } else {
        entries_.push_back(std::move(entry));
    }
}

const NameTable::Entry* NameTable::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return is_same_name(entry.name, name); });
    return found == entries_.end() ? nullptr : &*found;
}

const NameTable::Entry* NameTable::find(const Address& address) const noexcept {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return std::ranges::any_of(entry.addresses, [&](const Address& its) {
            return its.family == address.family && its.ip == address.ip;
        });
    });
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace owsk::net
