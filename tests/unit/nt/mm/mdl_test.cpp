// SPDX-License-Identifier: MIT
#include "nt/mm/mdl_bytes.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class Mdl : public ExecutiveTest {
  protected:
    Mdl() : mdl_(IoAllocateMdl(bytes_ + 4000, 200, FALSE, FALSE, nullptr)) {}
    ~Mdl() override { IoFreeMdl(mdl_); }

    bool has(int flag) const { return (mdl_->MdlFlags & flag) != 0; }

    alignas(4096) unsigned char bytes_[2 * PAGE_SIZE] = {};
    const PMDL mdl_;
};
using MdlDeathTest = Mdl;

TEST_F(Mdl, OverNonPagedPoolIsMappedAtOnce) {
    MmBuildMdlForNonPagedPool(mdl_);
    EXPECT_TRUE(has(MDL_SOURCE_IS_NONPAGED_POOL));
    EXPECT_EQ(mdl_->MappedSystemVa, bytes_ + 4000);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl_, NormalPagePriority), bytes_ + 4000);
    EXPECT_EQ(MmGetMdlPfnArray(mdl_)[0], reinterpret_cast<ULONG_PTR>(bytes_) >> 12);
    EXPECT_EQ(MmGetMdlPfnArray(mdl_)[1], (reinterpret_cast<ULONG_PTR>(bytes_) >> 12) + 1);
}

TEST_F(Mdl, LockedPagesAreMappedWhenAskedFor) {
    MmProbeAndLockPages(mdl_, KernelMode, IoWriteAccess);
    EXPECT_TRUE(has(MDL_PAGES_LOCKED));
    EXPECT_TRUE(has(MDL_WRITE_OPERATION));
    EXPECT_FALSE(has(MDL_MAPPED_TO_SYSTEM_VA));
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl_, NormalPagePriority), bytes_ + 4000);
    EXPECT_TRUE(has(MDL_MAPPED_TO_SYSTEM_VA));
    EXPECT_EQ(mdl_->MappedSystemVa, bytes_ + 4000);
    MmUnmapLockedPages(mdl_->MappedSystemVa, mdl_);
    EXPECT_FALSE(has(MDL_MAPPED_TO_SYSTEM_VA));
    EXPECT_TRUE(has(MDL_PAGES_LOCKED));
    MmUnlockPages(mdl_);
    EXPECT_EQ(mdl_->MdlFlags, 0);
}

TEST_F(Mdl, TheDataIsFoundAlsoAfterUnlocking) {
    MmProbeAndLockPages(mdl_, KernelMode, IoReadAccess);
    EXPECT_FALSE(has(MDL_WRITE_OPERATION));
    EXPECT_NE(MmGetSystemAddressForMdlSafe(mdl_, NormalPagePriority), nullptr);
    MmUnlockPages(mdl_);
    EXPECT_FALSE(has(MDL_MAPPED_TO_SYSTEM_VA));
    EXPECT_EQ(mm::mdl_data(mdl_), reinterpret_cast<std::byte*>(bytes_ + 4000));
}

TEST_F(Mdl, CanBeLockedAgain) {
    for (int i = 0; i < 2; ++i) {
        MmProbeAndLockPages(mdl_, KernelMode, IoModifyAccess);
        MmUnlockPages(mdl_);
    }
    EXPECT_EQ(mdl_->MdlFlags, 0);
}

[[gnu::noinline]] void lock_it(PMDL mdl) {
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    EXPECT_NE(mdl->MdlFlags, 0) << "not the last thing, so that the call returns here";
}

TEST_F(MdlDeathTest, IsLockedOnceAndUnlockedOnce) {
    EXPECT_DEATH(MmUnlockPages(mdl_), "mdl-unlocked-without-lock");
    EXPECT_DEATH(
        {
            lock_it(mdl_);
            MmProbeAndLockPages(mdl_, KernelMode, IoReadAccess);
        },
        "mdl-locked-twice\n.*That was at .*lock_it");
    EXPECT_DEATH(
        {
            lock_it(mdl_);
            IoFreeMdl(mdl_);
        },
        "mdl-freed-while-locked\n.*since .*lock_it");
    EXPECT_DEATH(
        {
            MmBuildMdlForNonPagedPool(mdl_);
            MmProbeAndLockPages(mdl_, KernelMode, IoReadAccess);
        },
        "mdl-locked-twice");
}

TEST_F(MdlDeathTest, IsMappedOnlyWhenItsPagesStay) {
    EXPECT_DEATH(MmGetSystemAddressForMdlSafe(mdl_, NormalPagePriority), "mdl-mapped-without-lock");
    EXPECT_DEATH(MmUnmapLockedPages(bytes_, mdl_), "mdl-unmapped-without-mapping");
    EXPECT_DEATH(
        {
            MmProbeAndLockPages(mdl_, KernelMode, IoReadAccess);
            MmBuildMdlForNonPagedPool(mdl_);
        },
        "mdl-built-for-locked-pages");
}

}  // namespace
}  // namespace owsk::nt
