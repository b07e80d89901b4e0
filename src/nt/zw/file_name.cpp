// SPDX-License-Identifier: MIT
// NT names to Linux paths.
#include "nt/zw/file_name.h"

#include <algorithm>

#include "nt/rtl/upcase.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::zw {

namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char left, char right) {
               return rtl::upcase(left) == rtl::upcase(right);
           });
}

}  // namespace

Result<std::string> linux_path(const OBJECT_ATTRIBUTES& attributes) {
    if (attributes.RootDirectory != nullptr) {
        // Directories cannot be opened, so no handle can be one.
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    std::string name = rtl::to_utf8(rtl::characters(attributes.ObjectName));
    if (!name.starts_with('\\')) {
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    for (const std::string_view prefix : {"\\??\\", "\\DosDevices\\"}) {
        if (!starts_with_ignoring_case(name, prefix)) {
            continue;
        }
        name.erase(0, prefix.size());
        std::replace(name.begin(), name.end(), '\\', '/');
        if (!name.starts_with('/')) {
            return STATUS_OBJECT_PATH_NOT_FOUND;
        }
        if (name.find('\0') != std::string::npos) {
            return STATUS_OBJECT_NAME_INVALID;
        }
        return name;
    }
    return STATUS_OBJECT_PATH_NOT_FOUND;
}

}  // namespace owsk::nt::zw
