// SPDX-License-Identifier: MIT
// What is not well formed is refused here, not replaced: half a name is another name.
#include "wsk/resolve/text.h"

#include <cstring>
#include <span>
#include <vector>

#include "nt/mm/foreign.h"
#include "nt/rtl/utf.h"

namespace owsk::wsk {

namespace {

void require(const UNICODE_STRING* string, bool whole, const char* function) noexcept {
    if (string == nullptr) {
        return;
    }
    nt::mm::require_memory(string, sizeof *string, "a UNICODE_STRING", function);
    const USHORT used = whole ? string->MaximumLength : string->Length;
    if (string->Buffer != nullptr && used != 0) {
        nt::mm::require_memory(string->Buffer, used, "the Buffer of a UNICODE_STRING", function);
    }
}

}  // namespace

void require_string(const UNICODE_STRING* string, const char* function) noexcept {
    require(string, false, function);
}

void require_room(const UNICODE_STRING* string, const char* function) noexcept {
    require(string, true, function);
}

Result<std::string> text_of(const UNICODE_STRING* string) {
    if (string == nullptr || string->Length == 0) {
        return std::string();
    }
    if (string->Buffer == nullptr || string->Length % sizeof(WCHAR) != 0 ||
        string->Length > string->MaximumLength) {
        return STATUS_INVALID_PARAMETER;
    }
    std::string text;
    for (std::span<const WCHAR> left = nt::rtl::characters(string); !left.empty();) {
        const nt::rtl::Decoded decoded = nt::rtl::decode(left);
        if (!decoded.well_formed || decoded.code_point == 0) {
            return STATUS_INVALID_PARAMETER;
        }
        const nt::rtl::Encoded<char> encoded = nt::rtl::encode_utf8(decoded.code_point);
        text.append(encoded.units, encoded.length);
        left = left.subspan(decoded.length);
    }
    return text;
}

bool has_room(const UNICODE_STRING& string, std::string_view text) {
    return (nt::rtl::to_utf16(text).size() + 1) * sizeof(WCHAR) <= string.MaximumLength;
}

void write_text(std::string_view text, UNICODE_STRING& string) {
    std::vector<WCHAR> units = nt::rtl::to_utf16(text);
    const auto length = static_cast<USHORT>(units.size() * sizeof(WCHAR));
    units.push_back(0);
    std::memcpy(string.Buffer, units.data(), units.size() * sizeof(WCHAR));
    string.Length = length;
}

}  // namespace owsk::wsk
