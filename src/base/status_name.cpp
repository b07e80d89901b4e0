// SPDX-License-Identifier: MIT
// The names of NTSTATUS values.
#include "base/status_name.h"

#include <ntstatus.h>

#include <cstdio>

namespace owsk {

namespace {

struct NamedStatus {
    NTSTATUS status;
    const char* name;
};

constexpr NamedStatus names[] = {
#define OWSK_STATUS(name) {name, #name},
#include "base/status_names.def"
#undef OWSK_STATUS
};

}  // namespace

std::string status_name(NTSTATUS status) {
    for (const NamedStatus& named : names) {
        if (named.status == status) {
            return named.name;
        }
    }
    char text[24];
    std::snprintf(text, sizeof text, "status 0x%08X", static_cast<unsigned>(status));
    return text;
}

}  // namespace owsk
