// SPDX-License-Identifier: MIT
// Security descriptors: what they are made of, their form in one piece, and what they grant.
#include "nt/rtl/security_descriptor.h"

#include <gtest/gtest.h>
#include <ntifs.h>

#include <cstring>
#include <initializer_list>
#include <vector>

#include "nt/se/access_check.h"

namespace owsk::nt::rtl {
namespace {

struct Entry {
    UCHAR type;
    UCHAR flags;
    ACCESS_MASK mask;
    UCHAR authority;
    std::initializer_list<ULONG> sub_authorities;
};

constexpr UCHAR world = 1;
constexpr UCHAR nt = 5;

// A list of entries as drivers build it.
class List {
  public:
    List(std::initializer_list<Entry> entries) : bytes_(sizeof(ACL)) {
        for (const Entry& entry : entries) {
            append(entry);
        }
        const ACL head = {ACL_REVISION,
                          0,
                          static_cast<USHORT>(bytes_.size()),
                          static_cast<USHORT>(entries.size()),
                          0};
        std::memcpy(bytes_.data(), &head, sizeof head);
    }
    PACL get() { return reinterpret_cast<PACL>(bytes_.data()); }
    PACCESS_ALLOWED_ACE first() {
        return reinterpret_cast<PACCESS_ALLOWED_ACE>(bytes_.data() + sizeof(ACL));
    }

  private:
    void append(const Entry& entry) {
        const std::size_t sid_size =
            offsetof(SID, SubAuthority) + entry.sub_authorities.size() * sizeof(ULONG);
        const std::size_t size = offsetof(ACCESS_ALLOWED_ACE, SidStart) + sid_size;
        std::vector<UCHAR> ace(size);
        auto& header = *reinterpret_cast<ACCESS_ALLOWED_ACE*>(ace.data());
        header.Header = {entry.type, entry.flags, static_cast<USHORT>(size)};
        header.Mask = entry.mask;
        auto* sid = reinterpret_cast<UCHAR*>(&header.SidStart);
        sid[0] = SID_REVISION;
        sid[1] = static_cast<UCHAR>(entry.sub_authorities.size());
        sid[7] = entry.authority;
        sid += offsetof(SID, SubAuthority);
        for (const ULONG part : entry.sub_authorities) {
            std::memcpy(sid, &part, sizeof part);
            sid += sizeof part;
        }
        bytes_.insert(bytes_.end(), ace.begin(), ace.end());
    }

    std::vector<UCHAR> bytes_;
};

SECURITY_DESCRIPTOR descriptor_with(PACL list) {
    SECURITY_DESCRIPTOR descriptor;
    EXPECT_EQ(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION),
              STATUS_SUCCESS);
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, list, FALSE), STATUS_SUCCESS);
    return descriptor;
}

bool grants(std::initializer_list<Entry> entries) {
    List list(entries);
    SECURITY_DESCRIPTOR descriptor = descriptor_with(list.get());
    return se::grants_system(&descriptor);
}

TEST(RtlCreateSecurityDescriptor, MakesOneThatHasNothing) {
    SECURITY_DESCRIPTOR descriptor;
    EXPECT_EQ(RtlCreateSecurityDescriptor(&descriptor, 2), STATUS_UNKNOWN_REVISION);
    ASSERT_EQ(RtlCreateSecurityDescriptor(&descriptor, 1), STATUS_SUCCESS);
    EXPECT_TRUE(RtlValidSecurityDescriptor(&descriptor));
    EXPECT_EQ(RtlLengthSecurityDescriptor(&descriptor), SECURITY_DESCRIPTOR_MIN_LENGTH);
    EXPECT_TRUE(se::grants_system(&descriptor));
}

TEST(RtlSetDaclSecurityDescriptor, SetsAndTakesAway) {
    List list({{ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, world, {0}}});
    SECURITY_DESCRIPTOR descriptor = descriptor_with(list.get());
    EXPECT_EQ(descriptor.Control, SE_DACL_PRESENT);
    EXPECT_EQ(RtlLengthSecurityDescriptor(&descriptor), 0x28u + 8 + 20);
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, list.get(), TRUE), STATUS_SUCCESS);
    EXPECT_EQ(descriptor.Control, SE_DACL_PRESENT | SE_DACL_DEFAULTED);
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, FALSE, list.get(), TRUE), STATUS_SUCCESS);
    EXPECT_EQ(descriptor.Control, 0);
    EXPECT_EQ(descriptor.Dacl, nullptr);
    descriptor.Control = SE_SELF_RELATIVE;
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, nullptr, FALSE),
              STATUS_INVALID_SECURITY_DESCR);
    descriptor.Revision = 0;
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, nullptr, FALSE),
              STATUS_UNKNOWN_REVISION);
}

TEST(RtlValidSecurityDescriptor, SeesWhatDoesNotFit) {
    EXPECT_FALSE(RtlValidSecurityDescriptor(nullptr));
    List list({{ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, world, {0}}});
    SECURITY_DESCRIPTOR descriptor = descriptor_with(list.get());
    EXPECT_TRUE(RtlValidSecurityDescriptor(&descriptor));
    // More entries than there is room for.
    list.get()->AceCount = 2;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    list.get()->AceCount = 1;
    // An entry that is longer than its list, or too short for itself.
    list.first()->Header.AceSize = 24;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    list.first()->Header.AceSize = 2;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    list.first()->Header.AceSize = 12;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    list.first()->Header.AceSize = 20;
    EXPECT_TRUE(RtlValidSecurityDescriptor(&descriptor));
    // An identifier with more parts than any has.
    reinterpret_cast<SID&>(list.first()->SidStart).SubAuthorityCount = 16;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    reinterpret_cast<SID&>(list.first()->SidStart).SubAuthorityCount = 1;
    list.get()->AclRevision = 1;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    list.get()->AclRevision = ACL_REVISION;
    SID owner = {2, 1, {}, {0}};
    descriptor.Owner = &owner;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
    owner.Revision = SID_REVISION;
    EXPECT_TRUE(RtlValidSecurityDescriptor(&descriptor));
    descriptor.Revision = 0;
    EXPECT_FALSE(RtlValidSecurityDescriptor(&descriptor));
}

TEST(SecurityDescriptor, InOnePieceIsTheSame) {
    List list({{ACCESS_DENIED_ACE_TYPE, 0, GENERIC_ALL, nt, {32, 544}}});
    SID owner = {SID_REVISION, 1, {{0, 0, 0, 0, 0, nt}}, {18}};
    SECURITY_DESCRIPTOR descriptor = descriptor_with(list.get());
    descriptor.Owner = &owner;
    std::vector<ULONG> piece(RtlLengthSecurityDescriptor(&descriptor) / sizeof(ULONG));
    write_in_one_piece(&descriptor, piece.data());
    EXPECT_TRUE(RtlValidSecurityDescriptor(piece.data()));
    const DescriptorParts parts = parts_of(piece.data());
    EXPECT_EQ(std::memcmp(parts.owner, &owner, sizeof owner), 0);
    EXPECT_EQ(parts.group, nullptr);
    EXPECT_EQ(parts.sacl, nullptr);
    ASSERT_NE(parts.dacl, nullptr);
    EXPECT_EQ(std::memcmp(parts.dacl, list.get(), list.get()->AclSize), 0);
    // Twice as well, to the byte.
    std::vector<ULONG> again(piece.size());
    write_in_one_piece(piece.data(), again.data());
    EXPECT_EQ(again, piece);
    EXPECT_EQ(RtlLengthSecurityDescriptor(piece.data()), 0x14u + list.get()->AclSize + 12);
}

TEST(SecurityDescriptor, GrantsTheSystemWhatItsFirstEntryForItSays) {
    EXPECT_FALSE(grants({}));
    EXPECT_TRUE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, world, {0}}}));
    EXPECT_TRUE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, 1, nt, {18}}}));
    EXPECT_TRUE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, 1, nt, {11}}}));
    EXPECT_TRUE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, 1, nt, {32, 544}}}));
    // Network Service, users, an entry for what is below, one without a right, an audit.
    EXPECT_FALSE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, nt, {20}}}));
    EXPECT_FALSE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, nt, {32, 545}}}));
    EXPECT_FALSE(grants({{ACCESS_ALLOWED_ACE_TYPE, INHERIT_ONLY_ACE, GENERIC_ALL, world, {0}}}));
    EXPECT_FALSE(grants({{ACCESS_ALLOWED_ACE_TYPE, 0, 0, world, {0}}}));
    EXPECT_FALSE(grants({{2, 0, GENERIC_ALL, world, {0}}}));
    const Entry allow = {ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, world, {0}};
    const Entry deny = {ACCESS_DENIED_ACE_TYPE, 0, GENERIC_ALL, nt, {18}};
    EXPECT_FALSE(grants({deny, allow}));
    EXPECT_TRUE(grants({allow, deny}));
}

}  // namespace
}  // namespace owsk::nt::rtl
