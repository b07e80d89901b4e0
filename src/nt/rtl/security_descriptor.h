// SPDX-License-Identifier: MIT
// Security descriptors in both of their forms: with pointers, and in one piece with offsets.
#pragma once

#include <wdm.h>

namespace owsk::nt::rtl {

// Where the parts of a descriptor are; null for what it does not have.
struct DescriptorParts {
    const SID* owner;
    const SID* group;
    const ACL* sacl;
    const ACL* dacl;
};
DescriptorParts parts_of(PSECURITY_DESCRIPTOR descriptor) noexcept;

ULONG length_of(const SID& sid) noexcept;

// Calls `visit` with each entry of a list, which is well formed, until it returns true. Whether it
// has.
template <typename Visit>
bool visit_entries(const ACL& list, Visit visit) noexcept {
    const auto* at = reinterpret_cast<const UCHAR*>(&list + 1);
    for (USHORT i = 0; i < list.AceCount; ++i) {
        const auto& entry = *reinterpret_cast<const ACE_HEADER*>(at);
        if (visit(entry)) {
            return true;
        }
        at += entry.AceSize;
    }
    return false;
}

// Writes the descriptor in one piece, of RtlLengthSecurityDescriptor bytes at the most. Both are
// well formed.
void write_in_one_piece(PSECURITY_DESCRIPTOR descriptor, void* out) noexcept;

}  // namespace owsk::nt::rtl
