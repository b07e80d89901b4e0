// SPDX-License-Identifier: MIT
// Entries in their order: the first that speaks of somebody decides.
#include "nt/se/access_check.h"

#include <algorithm>
#include <cstring>

#include "nt/rtl/security_descriptor.h"

namespace owsk::nt::se {

namespace {

struct KnownSid {
    UCHAR authority;
    UCHAR count;
    ULONG sub_authorities[2];
};

// Everyone, Authenticated Users, Local System, Administrators.
constexpr KnownSid system_is[] = {{1, 1, {0}}, {5, 1, {11}}, {5, 1, {18}}, {5, 2, {32, 544}}};

bool is(const SID& sid, const KnownSid& known) noexcept {
    const UCHAR(&authority)[6] = sid.IdentifierAuthority.Value;
    const bool has_authority =
        std::all_of(authority, authority + 5, [](UCHAR byte) { return byte == 0; }) &&
        authority[5] == known.authority;
    return has_authority && sid.SubAuthorityCount == known.count &&
           std::memcmp(sid.SubAuthority, known.sub_authorities, known.count * sizeof(ULONG)) == 0;
}

bool is_of_system(const SID& sid) noexcept {
    return std::ranges::any_of(system_is, [&](const KnownSid& known) { return is(sid, known); });
}

}  // namespace

bool grants_system(PSECURITY_DESCRIPTOR descriptor) noexcept {
    const ACL* const list = rtl::parts_of(descriptor).dacl;
    if (list == nullptr) {
        return true;
    }
    bool grants = false;
    rtl::visit_entries(*list, [&](const ACE_HEADER& entry) {
        const bool allows = entry.AceType == ACCESS_ALLOWED_ACE_TYPE;
        if ((!allows && entry.AceType != ACCESS_DENIED_ACE_TYPE) ||
            (entry.AceFlags & INHERIT_ONLY_ACE) != 0) {
            return false;
        }
        const auto& rights = reinterpret_cast<const ACCESS_ALLOWED_ACE&>(entry);
        if (rights.Mask == 0 || !is_of_system(reinterpret_cast<const SID&>(rights.SidStart))) {
            return false;
        }
        grants = allows;
        return true;
    });
    return grants;
}

}  // namespace owsk::nt::se
