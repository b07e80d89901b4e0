// SPDX-License-Identifier: MIT
#include <atomic>
#include <thread>

#include "nt/io/irp.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class IoCancelIrpTest : public ExecutiveTest {
  protected:
    IoCancelIrpTest() : irp_(IoAllocateIrp(1, FALSE)) {
        IoSetCompletionRoutine(irp_, claim, nullptr, TRUE, TRUE, TRUE);
        IoSetNextIrpStackLocation(irp_);
    }
    ~IoCancelIrpTest() override { IoFreeIrp(irp_); }

    static NTSTATUS NTAPI claim(PDEVICE_OBJECT, PIRP, PVOID) {
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    const PIRP irp_;
};
using IoCancelIrpDeathTest = IoCancelIrpTest;

KIRQL irql_in_routine = HIGH_LEVEL;

VOID NTAPI complete_cancelled(PDEVICE_OBJECT, PIRP irp) {
    irql_in_routine = KeGetCurrentIrql();
    IoReleaseCancelSpinLock(irp->CancelIrql);
    irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

VOID NTAPI keep_lock(PDEVICE_OBJECT, PIRP) {}

TEST_F(IoCancelIrpTest, WithoutARoutineItOnlyLeavesTheMark) {
    EXPECT_FALSE(IoCancelIrp(irp_));
    EXPECT_TRUE(irp_->Cancel);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST_F(IoCancelIrpTest, CallsTheRoutineOnceAtDispatchLevel) {
    IoSetCancelRoutine(irp_, complete_cancelled);
    EXPECT_TRUE(IoCancelIrp(irp_));
    EXPECT_EQ(irql_in_routine, DISPATCH_LEVEL);
    EXPECT_EQ(irp_->CancelIrql, PASSIVE_LEVEL);
    EXPECT_EQ(irp_->IoStatus.Status, STATUS_CANCELLED);
    EXPECT_EQ(irp_->CancelRoutine, nullptr);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    EXPECT_FALSE(IoCancelIrp(irp_));
}

TEST_F(IoCancelIrpTest, ARequestIsCompletedByOneSideOnly) {
    for (int round = 0; round < 300; ++round) {
        IoReuseIrp(irp_, STATUS_SUCCESS);
        IoSetCompletionRoutine(irp_, claim, nullptr, TRUE, TRUE, TRUE);
        IoSetNextIrpStackLocation(irp_);
        IoSetCancelRoutine(irp_, complete_cancelled);
        std::thread finisher([this] {
            const ThreadScope scope(system());
            if (IoSetCancelRoutine(irp_, nullptr) != nullptr) {
                irp_->IoStatus.Status = STATUS_SUCCESS;
                IoCompleteRequest(irp_, IO_NO_INCREMENT);
            }
        });
        const BOOLEAN cancelled = IoCancelIrp(irp_);
        finisher.join();
        EXPECT_EQ(irp_->IoStatus.Status, cancelled ? STATUS_CANCELLED : STATUS_SUCCESS);
        EXPECT_EQ(irp_->CurrentLocation, 2);
    }
}

TEST_F(IoCancelIrpDeathTest, ARoutineThatIsSetAfterTheCompletionIsNotCalled) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, sizeof storage, 1);
    IoSetNextIrpStackLocation(irp);
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    IoSetCancelRoutine(irp, complete_cancelled);
    EXPECT_DEATH(IoCancelIrp(irp),
                 "CANCEL_STATE_IN_COMPLETED_IRP\n.*rule: irp-completed-with-cancel-routine");
}

TEST_F(IoCancelIrpDeathTest, TheRoutineMustReleaseTheLock) {
    IoSetCancelRoutine(irp_, keep_lock);
    EXPECT_DEATH(IoCancelIrp(irp_), "cancel-lock-not-released-by-cancel-routine");
    IoSetCancelRoutine(irp_, nullptr);
}

}  // namespace
}  // namespace owsk::nt
