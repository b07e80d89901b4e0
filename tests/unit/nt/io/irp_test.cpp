// SPDX-License-Identifier: MIT
#include "nt/io/irp.h"

#include <gmock/gmock.h>

#include <cstring>
#include <vector>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Irp : public ExecutiveTest {};
using IrpDeathTest = Irp;

NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT, PIRP, PVOID) {
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST_F(Irp, AFreshOneIsAtTheTopOfItsEmptyStack) {
    const PIRP irp = IoAllocateIrp(2, FALSE);
    ASSERT_NE(irp, nullptr);
    EXPECT_EQ(irp->Type, IO_TYPE_IRP);
    EXPECT_EQ(irp->Size, IoSizeOfIrp(2));
    EXPECT_EQ(irp->StackCount, 2);
    EXPECT_EQ(irp->CurrentLocation, 3);
    EXPECT_EQ(reinterpret_cast<std::byte*>(IoGetNextIrpStackLocation(irp)),
              reinterpret_cast<std::byte*>(irp) + sizeof(IRP) + sizeof(IO_STACK_LOCATION));
    EXPECT_TRUE(io::irp_is_allocated(irp));
    EXPECT_FALSE(io::irp_is_held(irp));
    IoFreeIrp(irp);
}

TEST_F(Irp, MoreLocationsThanCanBeCountedGetNull) {
    EXPECT_EQ(IoAllocateIrp(127, FALSE), nullptr);
    EXPECT_EQ(IoAllocateIrp(-1, FALSE), nullptr);
}

TEST_F(Irp, ReuseMakesItAsNewWithTheStatusAsked) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, keep_irp, nullptr, TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(irp);
    IoMarkIrpPending(irp);
    irp->Cancel = TRUE;
    irp->IoStatus.Status = STATUS_CANCELLED;
    irp->IoStatus.Information = 7;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    EXPECT_TRUE(irp->PendingReturned);

    IoReuseIrp(irp, STATUS_PENDING);
    EXPECT_EQ(irp->IoStatus.Status, STATUS_PENDING);
    EXPECT_EQ(irp->IoStatus.Information, 0U);
    EXPECT_EQ(irp->CurrentLocation, 2);
    EXPECT_FALSE(irp->Cancel);
    EXPECT_FALSE(irp->PendingReturned);
    EXPECT_EQ(IoGetNextIrpStackLocation(irp)->CompletionRoutine, nullptr);
    EXPECT_TRUE(io::irp_is_allocated(irp));
    IoFreeIrp(irp);
}

TEST_F(Irp, StorageOfTheDriverWillDo) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    std::memset(storage, 0xFF, sizeof storage);
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, IoSizeOfIrp(1), 1);
    EXPECT_EQ(irp->CurrentLocation, 2);
    EXPECT_FALSE(io::irp_is_allocated(irp));
    EXPECT_FALSE(io::irp_is_held(irp));
    IoReuseIrp(irp, STATUS_SUCCESS);
    EXPECT_FALSE(io::irp_is_allocated(irp));
    IoCleanupIrp(irp);
}

TEST_F(Irp, LeaksSayWhoHasThem) {
    expect_leaks();
    const PIRP irp = IoAllocateIrp(1, FALSE);
    io::hold_irp(irp, __builtin_return_address(0));
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(), ElementsAre(HasSubstr("IRP: ")));
    EXPECT_THAT(observer().leaks()[0], HasSubstr("still held by the provider, allocated at "));
    io::release_irp(irp);
    IoFreeIrp(irp);
}

TEST_F(IrpDeathTest, AHeldIrpIsNotTheDrivers) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    io::hold_irp(irp, __builtin_return_address(0));
    EXPECT_DEATH(IoFreeIrp(irp), "irp-freed-while-pending");
    EXPECT_DEATH(IoReuseIrp(irp, STATUS_SUCCESS), "irp-reused-while-pending");
    EXPECT_DEATH(IoInitializeIrp(irp, irp->Size, 1), "irp-initialized-while-pending");
    EXPECT_DEATH(IoCompleteRequest(irp, IO_NO_INCREMENT), "irp-completed-while-pending");
    EXPECT_DEATH(IoCallDriver(nullptr, irp), "irp-sent-while-pending");
    io::release_irp(irp);
    IoFreeIrp(irp);
}

TEST_F(IrpDeathTest, FreeingTwiceIsNoticed) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    EXPECT_DEATH(
        {
            IoFreeIrp(irp);
            IoFreeIrp(irp);
        },
        "IoFreeIrp was given a block that has already been freed");
    IoFreeIrp(irp);
}

TEST_F(IrpDeathTest, WhatIoAllocateIrpDidNotMakeIsNotFreed) {
    alignas(16) std::byte storage[256 + sizeof(IRP) + sizeof(IO_STACK_LOCATION)] = {};
    const PIRP irp = reinterpret_cast<PIRP>(storage + 256);
    IoInitializeIrp(irp, IoSizeOfIrp(1), 1);
    EXPECT_DEATH(IoFreeIrp(irp), "IoFreeIrp was given an address that no allocation returned");
}

TEST_F(IrpDeathTest, AnIrpGoesBackThroughIoFreeIrpOnly) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    EXPECT_DEATH(ExFreePool(irp),
                 "rule: pool-block-freed-by-wrong-function\n"
                 ".*of another kind: IRP, which goes back through IoFreeIrp");
    IoFreeIrp(irp);
}

TEST_F(IrpDeathTest, EachDriverNeedsAStackLocation) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(irp);
    EXPECT_DEATH(IoCallDriver(nullptr, irp),
                 "NO_MORE_IRP_STACK_LOCATIONS\n.*rule: irp-sent-without-stack-location");
    IoFreeIrp(irp);
}

TEST_F(IrpDeathTest, StorageMustHoldTheStack) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)] = {};
    EXPECT_DEATH(IoInitializeIrp(reinterpret_cast<PIRP>(storage), IoSizeOfIrp(1), 2),
                 "irp-initialized-without-room");
}

}  // namespace
}  // namespace owsk::nt
