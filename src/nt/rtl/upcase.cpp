// SPDX-License-Identifier: MIT
// The table of letters that have an upper case.
#include "nt/rtl/upcase.h"

#include <cstdint>
#include <vector>

#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// Lower-case letters from `first` to `last`. With stride 2, upper and lower case alternate.
struct CaseRange {
    std::uint16_t first;
    std::uint16_t last;
    std::uint16_t stride;
    std::int16_t to_upper;
};

constexpr CaseRange ranges[] = {
    {'a', 'z', 1, -32},        // ASCII
    {0x00E0, 0x00F6, 1, -32},  // Latin-1
    {0x00F8, 0x00FE, 1, -32},  //
    {0x00FF, 0x00FF, 1, 121},  // y with diaeresis
    {0x0101, 0x012F, 2, -1},   // Latin Extended-A
    {0x0133, 0x0137, 2, -1},   //
    {0x013A, 0x0148, 2, -1},   //
    {0x014B, 0x0177, 2, -1},   //
    {0x017A, 0x017E, 2, -1},   //
    {0x01CE, 0x01DC, 2, -1},   // Latin Extended-B
    {0x01DF, 0x01EF, 2, -1},   //
    {0x01F9, 0x021F, 2, -1},   //
    {0x0223, 0x0233, 2, -1},   //
    {0x03AC, 0x03AC, 1, -38},  // Greek with tonos
    {0x03AD, 0x03AF, 1, -37},  //
    {0x03B1, 0x03C1, 1, -32},  // Greek
    {0x03C3, 0x03CB, 1, -32},  //
    {0x03CC, 0x03CC, 1, -64},  //
    {0x03CD, 0x03CE, 1, -63},  //
    {0x0430, 0x044F, 1, -32},  // Cyrillic
    {0x0450, 0x045F, 1, -80},  //
    {0x0461, 0x0481, 2, -1},   //
    {0x048B, 0x04BF, 2, -1},   //
    {0x04D1, 0x04FF, 2, -1},   //
    {0x0561, 0x0586, 1, -48},  // Armenian
    {0x1E01, 0x1E95, 2, -1},   // Latin Extended Additional
    {0x1EA1, 0x1EF9, 2, -1},   //
    {0x24D0, 0x24E9, 1, -26},  // circled letters
    {0xFF41, 0xFF5A, 1, -32},  // full-width letters
};

}  // namespace

WCHAR upcase(WCHAR unit) noexcept {
    for (const CaseRange& range : ranges) {
        if (unit < range.first) {
            break;
        }
        if (unit <= range.last) {
            const bool lower = (unit - range.first) % range.stride == 0;
            return static_cast<WCHAR>(lower ? unit + range.to_upper : unit);
        }
    }
    return unit;
}

char upcase(char unit) noexcept {
    return unit >= 'a' && unit <= 'z' ? static_cast<char>(unit - 'a' + 'A') : unit;
}

std::u16string upcased(std::u16string name) {
    for (char16_t& unit : name) {
        unit = static_cast<char16_t>(upcase(static_cast<WCHAR>(unit)));
    }
    return name;
}

std::string upcased(std::string_view name) {
    std::vector<WCHAR> units = to_utf16(name);
    for (WCHAR& unit : units) {
        unit = upcase(unit);
    }
    return to_utf8(units);
}

}  // namespace owsk::nt::rtl
