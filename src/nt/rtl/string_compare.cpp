// SPDX-License-Identifier: MIT
// Comparing counted strings, by the values of their units.
#include <wdm.h>

#include <algorithm>
#include <span>
#include <type_traits>

#include "nt/rtl/upcase.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

// The difference of the first units that differ, else of the lengths.
template <typename Char>
LONG compare(std::span<const Char> left, std::span<const Char> right, bool ignore_case) noexcept {
    // A char compares as its byte.
    using Value = std::make_unsigned_t<Char>;
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        const auto l = static_cast<Value>(ignore_case ? upcase(left[i]) : left[i]);
        const auto r = static_cast<Value>(ignore_case ? upcase(right[i]) : right[i]);
        if (l != r) {
            return static_cast<LONG>(l) - static_cast<LONG>(r);
        }
    }
    return static_cast<LONG>(left.size()) - static_cast<LONG>(right.size());
}

template <typename Char>
BOOLEAN is_equal(std::span<const Char> left,
                 std::span<const Char> right,
                 bool ignore_case) noexcept {
    return left.size() == right.size() && compare(left, right, ignore_case) == 0 ? TRUE : FALSE;
}

template <typename Char>
BOOLEAN is_prefix(std::span<const Char> prefix,
                  std::span<const Char> text,
                  bool ignore_case) noexcept {
    return prefix.size() <= text.size() && is_equal(prefix, text.first(prefix.size()), ignore_case);
}

}  // namespace

extern "C" LONG NTAPI RtlCompareString(const STRING* String1,
                                       const STRING* String2,
                                       BOOLEAN CaseInSensitive) {
    return compare(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

extern "C" LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1,
                                              PCUNICODE_STRING String2,
                                              BOOLEAN CaseInSensitive) {
    return compare(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

extern "C" BOOLEAN NTAPI RtlEqualString(const STRING* String1,
                                        const STRING* String2,
                                        BOOLEAN CaseInSensitive) {
    return is_equal(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

extern "C" BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1,
                                               PCUNICODE_STRING String2,
                                               BOOLEAN CaseInSensitive) {
    return is_equal(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

extern "C" BOOLEAN NTAPI RtlPrefixString(const STRING* String1,
                                         const STRING* String2,
                                         BOOLEAN CaseInSensitive) {
    return is_prefix(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

extern "C" BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1,
                                                PCUNICODE_STRING String2,
                                                BOOLEAN CaseInSensitive) {
    return is_prefix(characters(String1), characters(String2), CaseInSensitive != FALSE);
}

}  // namespace owsk::nt::rtl
