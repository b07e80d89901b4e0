// SPDX-License-Identifier: MIT
// RtlCreateSecurityDescriptor and what can be done with the result.
#include "nt/rtl/security_descriptor.h"

#include <ntstatus.h>

#include <cstring>

namespace owsk::nt::rtl {

namespace {

// Both forms begin alike.
using Head = SECURITY_DESCRIPTOR_RELATIVE;
const Head& head_of(PSECURITY_DESCRIPTOR descriptor) noexcept {
    return *static_cast<const Head*>(descriptor);
}

bool is_in_one_piece(PSECURITY_DESCRIPTOR descriptor) noexcept {
    return (head_of(descriptor).Control & SE_SELF_RELATIVE) != 0;
}

bool is_well_formed(const SID* sid) noexcept {
    return sid == nullptr ||
           (sid->Revision == SID_REVISION && sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES);
}

// Whether an entry that grants or denies has room for what it says.
bool is_well_formed(const ACE_HEADER& entry) noexcept {
    if (entry.AceType != ACCESS_ALLOWED_ACE_TYPE && entry.AceType != ACCESS_DENIED_ACE_TYPE) {
        return true;
    }
    constexpr ULONG sid_at = offsetof(ACCESS_ALLOWED_ACE, SidStart);
    if (entry.AceSize < sid_at + offsetof(SID, SubAuthority)) {
        return false;
    }
    const auto& sid =
        *reinterpret_cast<const SID*>(&reinterpret_cast<const ACCESS_ALLOWED_ACE&>(entry).SidStart);
    return is_well_formed(&sid) && entry.AceSize >= sid_at + length_of(sid);
}

bool is_well_formed(const ACL* list) noexcept {
    if (list == nullptr) {
        return true;
    }
    if (list->AclRevision < ACL_REVISION || list->AclRevision > ACL_REVISION_DS ||
        list->AclSize < sizeof *list) {
        return false;
    }
    ULONG left = list->AclSize - ULONG{sizeof *list};
    const auto* at = reinterpret_cast<const UCHAR*>(list + 1);
    for (USHORT i = 0; i < list->AceCount; ++i) {
        if (left < sizeof(ACE_HEADER)) {
            return false;
        }
        const auto& entry = *reinterpret_cast<const ACE_HEADER*>(at);
        if (entry.AceSize < sizeof entry || entry.AceSize > left || !is_well_formed(entry)) {
            return false;
        }
        at += entry.AceSize;
        left -= entry.AceSize;
    }
    return true;
}

// In one piece, parts lie at multiples of four.
constexpr ULONG rounded(ULONG size) noexcept {
    return (size + 3) & ~ULONG{3};
}
ULONG room_of(const SID* sid) noexcept {
    return sid != nullptr ? rounded(length_of(*sid)) : 0;
}
ULONG room_of(const ACL* list) noexcept {
    return list != nullptr ? rounded(list->AclSize) : 0;
}

ULONG room_of_parts(const DescriptorParts& parts) noexcept {
    return room_of(parts.owner) + room_of(parts.group) + room_of(parts.sacl) + room_of(parts.dacl);
}

// Puts part after part behind the head of a descriptor.
class Writer {
  public:
    explicit Writer(void* out) noexcept : out_(static_cast<UCHAR*>(out)) {}

    // Where the part is now; 0 if there is none.
    ULONG put(const void* part, ULONG size) noexcept {
        if (part == nullptr) {
            return 0;
        }
        const ULONG at = next_;
        std::memcpy(out_ + at, part, size);
        next_ += rounded(size);
        return at;
    }

  private:
    UCHAR* const out_;
    ULONG next_ = sizeof(Head);
};

}  // namespace

ULONG length_of(const SID& sid) noexcept {
    return static_cast<ULONG>(offsetof(SID, SubAuthority) + sid.SubAuthorityCount * sizeof(ULONG));
}

DescriptorParts parts_of(PSECURITY_DESCRIPTOR descriptor) noexcept {
    const Head& relative = head_of(descriptor);
    const bool has_sacl = (relative.Control & SE_SACL_PRESENT) != 0;
    const bool has_dacl = (relative.Control & SE_DACL_PRESENT) != 0;
    if (!is_in_one_piece(descriptor)) {
        const auto& absolute = *static_cast<const SECURITY_DESCRIPTOR*>(descriptor);
        return {static_cast<const SID*>(absolute.Owner),
                static_cast<const SID*>(absolute.Group),
                has_sacl ? absolute.Sacl : nullptr,
                has_dacl ? absolute.Dacl : nullptr};
    }
    const auto part_at = [&](ULONG offset) -> const void* {
        return offset != 0 ? static_cast<const UCHAR*>(descriptor) + offset : nullptr;
    };
    return {static_cast<const SID*>(part_at(relative.Owner)),
            static_cast<const SID*>(part_at(relative.Group)),
            has_sacl ? static_cast<const ACL*>(part_at(relative.Sacl)) : nullptr,
            has_dacl ? static_cast<const ACL*>(part_at(relative.Dacl)) : nullptr};
}

void write_in_one_piece(PSECURITY_DESCRIPTOR descriptor, void* out) noexcept {
    const DescriptorParts parts = parts_of(descriptor);
    Head head = {};
    head.Revision = head_of(descriptor).Revision;
    head.Sbz1 = head_of(descriptor).Sbz1;
    head.Control = static_cast<USHORT>(head_of(descriptor).Control | SE_SELF_RELATIVE);
    Writer writer(out);
    head.Sacl = writer.put(parts.sacl, parts.sacl != nullptr ? parts.sacl->AclSize : 0);
    head.Dacl = writer.put(parts.dacl, parts.dacl != nullptr ? parts.dacl->AclSize : 0);
    head.Owner = writer.put(parts.owner, parts.owner != nullptr ? length_of(*parts.owner) : 0);
    head.Group = writer.put(parts.group, parts.group != nullptr ? length_of(*parts.group) : 0);
    std::memcpy(out, &head, sizeof head);
}

// RtlCreateSecurityDescriptor: a descriptor with pointers, and nothing behind them.
//
// IRQL       < DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_UNKNOWN_REVISION
// Docs       nf-wdm-rtlcreatesecuritydescriptor
extern "C" NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                                      ULONG Revision) {
    if (Revision != SECURITY_DESCRIPTOR_REVISION) {
        return STATUS_UNKNOWN_REVISION;
    }
    auto& descriptor = *static_cast<SECURITY_DESCRIPTOR*>(SecurityDescriptor);
    descriptor = {};
    descriptor.Revision = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

// RtlSetDaclSecurityDescriptor: who may do what. Only of descriptors with pointers.
//
// IRQL       < DISPATCH_LEVEL
// Returns    STATUS_SUCCESS, STATUS_UNKNOWN_REVISION, STATUS_INVALID_SECURITY_DESCR
// Docs       nf-wdm-rtlsetdaclsecuritydescriptor
extern "C" NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                                       BOOLEAN DaclPresent,
                                                       PACL Dacl,
                                                       BOOLEAN DaclDefaulted) {
    auto& descriptor = *static_cast<SECURITY_DESCRIPTOR*>(SecurityDescriptor);
    if (descriptor.Revision != SECURITY_DESCRIPTOR_REVISION) {
        return STATUS_UNKNOWN_REVISION;
    }
    if (is_in_one_piece(SecurityDescriptor)) {
        return STATUS_INVALID_SECURITY_DESCR;
    }
    constexpr int flags = SE_DACL_PRESENT | SE_DACL_DEFAULTED;
    int control = descriptor.Control & ~flags;
    descriptor.Dacl = nullptr;
    if (DaclPresent) {
        control |= SE_DACL_PRESENT | (DaclDefaulted ? SE_DACL_DEFAULTED : 0);
        descriptor.Dacl = Dacl;
    }
    descriptor.Control = static_cast<SECURITY_DESCRIPTOR_CONTROL>(control);
    return STATUS_SUCCESS;
}

// RtlValidSecurityDescriptor: whether everything in it is well formed.
//
// IRQL       < DISPATCH_LEVEL
// Docs       nf-wdm-rtlvalidsecuritydescriptor
extern "C" BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor) {
    if (SecurityDescriptor == nullptr ||
        head_of(SecurityDescriptor).Revision != SECURITY_DESCRIPTOR_REVISION) {
        return FALSE;
    }
    const DescriptorParts parts = parts_of(SecurityDescriptor);
    return is_well_formed(parts.owner) && is_well_formed(parts.group) &&
                   is_well_formed(parts.sacl) && is_well_formed(parts.dacl)
               ? TRUE
               : FALSE;
}

// RtlLengthSecurityDescriptor: its size with everything that belongs to it.
//
// IRQL       < DISPATCH_LEVEL
// Docs       nf-wdm-rtllengthsecuritydescriptor
extern "C" ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor) {
    const ULONG head =
        is_in_one_piece(SecurityDescriptor) ? sizeof(Head) : sizeof(SECURITY_DESCRIPTOR);
    return head + room_of_parts(parts_of(SecurityDescriptor));
}

}  // namespace owsk::nt::rtl
