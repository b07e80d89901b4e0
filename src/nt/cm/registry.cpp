// SPDX-License-Identifier: MIT
// The registry's two levels: keys by path, values by name.
#include "nt/cm/registry.h"

#include <utility>

#include "nt/rtl/upcase.h"

namespace owsk::nt::cm {

namespace {

// In upper case and without backslashes at the end, which change nothing.
std::string key_name(std::string_view path) {
    while (path.ends_with('\\')) {
        path.remove_suffix(1);
    }
    return rtl::upcased(path);
}

}  // namespace

void Registry::set_value(std::string_view path,
                         std::string_view name,
                         ULONG type,
                         std::span<const std::byte> bytes) {
    const std::string key = key_name(path);
    const std::string value = rtl::upcased(name);
    Lock lock(mu_);
    keys_[key].insert_or_assign(
        value, Kept{{std::string(name), type, {bytes.begin(), bytes.end()}}, std::string(path)});
}

void Registry::add_key(std::string_view path) {
    std::string key = key_name(path);
    Lock lock(mu_);
    keys_.try_emplace(std::move(key));
}

bool Registry::has_key(std::string_view path) const {
    const std::string key = key_name(path);
    if (key == "\\REGISTRY" || key == "\\REGISTRY\\MACHINE") {
        return true;
    }
    Lock lock(mu_);
    if (keys_.contains(key)) {
        return true;
    }
    const auto below = keys_.lower_bound(key + '\\');
    return below != keys_.end() && below->first.starts_with(key + '\\');
}

std::optional<Registry::Value> Registry::value(std::string_view path, std::string_view name) const {
    const std::string key = key_name(path);
    const std::string wanted = rtl::upcased(name);
    Lock lock(mu_);
    const auto values = keys_.find(key);
    if (values == keys_.end()) {
        return std::nullopt;
    }
    const auto found = values->second.find(wanted);
    if (found == values->second.end()) {
        return std::nullopt;
    }
    found->second.is_read = true;
    return found->second.value;
}

std::vector<std::pair<std::string, std::string>> Registry::unread_values() const {
    std::vector<std::pair<std::string, std::string>> unread;
    Lock lock(mu_);
    for (const auto& [key, values] : keys_) {
        for (const auto& [name, kept] : values) {
            if (!kept.is_read) {
                unread.emplace_back(kept.path, kept.value.name);
            }
        }
    }
    return unread;
}

}  // namespace owsk::nt::cm
