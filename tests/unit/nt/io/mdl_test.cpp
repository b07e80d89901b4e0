// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "nt/mm/mdl_bytes.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class IoMdl : public ExecutiveTest {
  protected:
    alignas(4096) unsigned char pages_[3 * PAGE_SIZE] = {};
};
using IoMdlDeathTest = IoMdl;

TEST_F(IoMdl, DescribesTheBuffer) {
    const PMDL mdl = IoAllocateMdl(pages_ + 100, 2 * PAGE_SIZE, FALSE, FALSE, nullptr);
    ASSERT_NE(mdl, nullptr);
    EXPECT_EQ(mdl->StartVa, pages_);
    EXPECT_EQ(mdl->ByteOffset, 100U);
    EXPECT_EQ(mdl->ByteCount, 2U * PAGE_SIZE);
    EXPECT_EQ(static_cast<SIZE_T>(mdl->Size), MmSizeOfMdl(pages_ + 100, 2 * PAGE_SIZE));
    EXPECT_EQ(static_cast<SIZE_T>(mdl->Size), sizeof(MDL) + 3 * sizeof(PFN_NUMBER));
    EXPECT_EQ(mdl->MdlFlags, 0);
    EXPECT_EQ(mm::mdl_data(mdl), reinterpret_cast<std::byte*>(pages_ + 100));
    IoFreeMdl(mdl);
}

TEST_F(IoMdl, WithAnIrpItReplacesOrExtendsTheChain) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    const PMDL first = IoAllocateMdl(pages_, 10, FALSE, FALSE, irp);
    EXPECT_EQ(irp->MdlAddress, first);
    const PMDL second = IoAllocateMdl(pages_, 10, TRUE, FALSE, irp);
    const PMDL third = IoAllocateMdl(pages_, 10, TRUE, FALSE, irp);
    EXPECT_EQ(irp->MdlAddress, first);
    EXPECT_EQ(first->Next, second);
    EXPECT_EQ(second->Next, third);
    EXPECT_EQ(third->Next, nullptr);
    for (const PMDL mdl : {first, second, third}) {
        IoFreeMdl(mdl);
    }
    IoFreeIrp(irp);
}

TEST_F(IoMdl, APartIsMappedAsItsSourceIs) {
    const PMDL source = IoAllocateMdl(pages_, sizeof pages_, FALSE, FALSE, nullptr);
    const PMDL part = IoAllocateMdl(pages_, sizeof pages_, FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(source);
    IoBuildPartialMdl(source, part, pages_ + 5000, 100);
    EXPECT_EQ(part->ByteCount, 100U);
    EXPECT_NE(part->MdlFlags & MDL_PARTIAL, 0);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), pages_ + 5000);
    EXPECT_EQ(mm::mdl_data(part), reinterpret_cast<std::byte*>(pages_ + 5000));
    EXPECT_EQ(MmGetMdlPfnArray(part)[0], reinterpret_cast<ULONG_PTR>(pages_ + 4096) >> 12);
    // Length 0 is the rest.
    IoBuildPartialMdl(source, part, pages_ + 5000, 0);
    EXPECT_EQ(part->ByteCount, sizeof pages_ - 5000);
    IoFreeMdl(part);
    IoFreeMdl(source);
}

TEST_F(IoMdl, APartOfALockedMdlIsMappedWhenAskedFor) {
    const PMDL source = IoAllocateMdl(pages_, sizeof pages_, FALSE, FALSE, nullptr);
    const PMDL part = IoAllocateMdl(pages_, sizeof pages_, FALSE, FALSE, nullptr);
    MmProbeAndLockPages(source, KernelMode, IoModifyAccess);
    IoBuildPartialMdl(source, part, pages_ + 10, 20);
    EXPECT_EQ(part->MdlFlags, MDL_PARTIAL);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), pages_ + 10);
    EXPECT_NE(part->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED, 0);
    MmPrepareMdlForReuse(part);
    EXPECT_EQ(part->MdlFlags, MDL_PARTIAL);
    IoFreeMdl(part);
    MmUnlockPages(source);
    IoFreeMdl(source);
}

TEST_F(IoMdl, LeaksSayHowMuchTheyDescribe) {
    expect_leaks();
    const PMDL mdl = IoAllocateMdl(pages_, 77, FALSE, FALSE, nullptr);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(),
                testing::ElementsAre(testing::ContainsRegex("MDL: .*for 77 bytes, allocated at")));
    IoFreeMdl(mdl);
}

TEST_F(IoMdlDeathTest, FreeingTwiceOrWhileLockedIsNoticed) {
    const PMDL mdl = IoAllocateMdl(pages_, 77, FALSE, FALSE, nullptr);
    EXPECT_DEATH(
        {
            IoFreeMdl(mdl);
            IoFreeMdl(mdl);
        },
        "IoFreeMdl was given a block that has already been freed");
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    EXPECT_DEATH(IoFreeMdl(mdl), "mdl-freed-while-locked");
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
}

TEST_F(IoMdlDeathTest, APartMustFit) {
    const PMDL source = IoAllocateMdl(pages_, PAGE_SIZE, FALSE, FALSE, nullptr);
    const PMDL whole = IoAllocateMdl(pages_, sizeof pages_, FALSE, FALSE, nullptr);
    EXPECT_DEATH(IoBuildPartialMdl(source, whole, pages_ + 1, PAGE_SIZE),
                 "partial-mdl-built-beyond-its-source");
    EXPECT_DEATH(IoBuildPartialMdl(whole, source, pages_, 2 * PAGE_SIZE),
                 "TARGET_MDL_TOO_SMALL\n.*rule: partial-mdl-built-without-room");
    IoFreeMdl(whole);
    IoFreeMdl(source);
}

}  // namespace
}  // namespace owsk::nt
