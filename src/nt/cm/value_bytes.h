// SPDX-License-Identifier: MIT
// The bytes of registry values: how numbers and text lie in REG_DWORD, REG_SZ and REG_MULTI_SZ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace owsk::nt::cm {

std::vector<std::byte> dword_bytes(std::uint32_t value);
// UTF-16 with a NUL.
std::vector<std::byte> string_bytes(std::string_view text);
// Each string with a NUL, and one more NUL at the end. An empty string cannot be in the list.
std::vector<std::byte> multi_string_bytes(const std::vector<std::string>& texts);

}  // namespace owsk::nt::cm
