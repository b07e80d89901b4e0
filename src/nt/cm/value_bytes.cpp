// SPDX-License-Identifier: MIT
// Text of the registry ends with a NUL that counts as part of the value.
#include "nt/cm/value_bytes.h"

#include <span>

#include "nt/rtl/utf.h"

namespace owsk::nt::cm {

namespace {

std::vector<std::byte> bytes_of(const std::vector<WCHAR>& units) {
    const auto bytes = std::as_bytes(std::span(units));
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<std::byte> dword_bytes(std::uint32_t value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> string_bytes(std::string_view text) {
    std::vector<WCHAR> units = rtl::to_utf16(text);
    units.push_back(0);
    return bytes_of(units);
}

std::vector<std::byte> multi_string_bytes(const std::vector<std::string>& texts) {
    std::vector<WCHAR> units;
    for (const std::string& text : texts) {
        if (text.empty()) {
            continue;
        }
        const std::vector<WCHAR> string = rtl::to_utf16(text);
        units.insert(units.end(), string.begin(), string.end());
        units.push_back(0);
    }
    units.push_back(0);
    return bytes_of(units);
}

}  // namespace owsk::nt::cm
