// SPDX-License-Identifier: MIT
#include <vector>

#include "nt/io/irp.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

class IoCompleteRequestTest : public ExecutiveTest {
  protected:
    // Takes the next location, as a provider does.
    static void take(PIRP irp) { IoSetNextIrpStackLocation(irp); }
    static void complete(PIRP irp, NTSTATUS status) {
        irp->IoStatus.Status = status;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
};
using IoCompleteRequestDeathTest = IoCompleteRequestTest;

struct Calls {
    NTSTATUS answer = STATUS_MORE_PROCESSING_REQUIRED;
    int count = 0;
    PDEVICE_OBJECT device = reinterpret_cast<PDEVICE_OBJECT>(1);
    BOOLEAN pending = FALSE;
    CHAR location = 0;
    bool mark = false;
};

NTSTATUS NTAPI record(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
    auto* calls = static_cast<Calls*>(context);
    ++calls->count;
    calls->device = device;
    calls->pending = irp->PendingReturned;
    calls->location = irp->CurrentLocation;
    if (calls->mark && irp->PendingReturned) {
        IoMarkIrpPending(irp);
    }
    return calls->answer;
}

NTSTATUS NTAPI free_and_claim(PDEVICE_OBJECT, PIRP irp, PVOID) {
    IoFreeIrp(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS NTAPI free_and_go_on(PDEVICE_OBJECT, PIRP irp, PVOID) {
    IoFreeIrp(irp);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI return_raised(PDEVICE_OBJECT, PIRP, PVOID) {
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Claims the IRP, and would send it again.
NTSTATUS NTAPI claim(PDEVICE_OBJECT, PIRP, PVOID) {
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// A driver in the middle claims an IRP that its lower driver has pended, and sends it down again;
// the second time it completes in the call.
TEST_F(IoCompleteRequestTest, PendingReturnedIsThatOfTheLastCompletion) {
    const PIRP irp = IoAllocateIrp(3, FALSE);
    Calls top;
    IoSetCompletionRoutine(irp, record, &top, TRUE, TRUE, TRUE);
    take(irp);
    IoSetCompletionRoutine(irp, claim, nullptr, TRUE, TRUE, TRUE);
    take(irp);
    IoMarkIrpPending(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_TRUE(irp->PendingReturned);
    Calls second;
    second.answer = STATUS_SUCCESS;
    IoSetCompletionRoutine(irp, record, &second, TRUE, TRUE, TRUE);
    take(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_EQ(second.count, 1);
    EXPECT_FALSE(second.pending);
    EXPECT_EQ(top.count, 1);
    EXPECT_FALSE(top.pending);
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestTest, TheTopRoutineGetsNoDeviceAndTheIrpIsTheDriversAgain) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    Calls calls;
    IoSetCompletionRoutine(irp, record, &calls, TRUE, TRUE, TRUE);
    take(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_EQ(calls.count, 1);
    EXPECT_EQ(calls.device, nullptr);
    EXPECT_FALSE(calls.pending);
    EXPECT_EQ(calls.location, 2);
    EXPECT_EQ(irp->IoStatus.Status, STATUS_SUCCESS);
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestTest, PendingReturnedComesFromTheMarkOfTheLocation) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    Calls calls;
    IoSetCompletionRoutine(irp, record, &calls, TRUE, TRUE, TRUE);
    take(irp);
    IoMarkIrpPending(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_TRUE(calls.pending);
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestTest, RoutinesAreCalledForTheOutcomesTheyAskedFor) {
    struct Case {
        BOOLEAN success, error, cancel;
        NTSTATUS status;
        BOOLEAN cancelled;
        int calls;
    };
    const Case cases[] = {
        {TRUE, FALSE, FALSE, STATUS_SUCCESS, FALSE, 1},
        {TRUE, FALSE, FALSE, STATUS_UNSUCCESSFUL, FALSE, 0},
        {FALSE, TRUE, FALSE, STATUS_UNSUCCESSFUL, FALSE, 1},
        {FALSE, TRUE, FALSE, STATUS_SUCCESS, FALSE, 0},
        {FALSE, FALSE, TRUE, STATUS_CANCELLED, TRUE, 1},
        {FALSE, FALSE, TRUE, STATUS_SUCCESS, TRUE, 1},
        {FALSE, FALSE, TRUE, STATUS_CANCELLED, FALSE, 0},
    };
    for (const Case& each : cases) {
        // On storage of the driver, so that a walk to the top is allowed.
        alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
        const PIRP irp = reinterpret_cast<PIRP>(storage);
        IoInitializeIrp(irp, sizeof storage, 1);
        Calls calls;
        IoSetCompletionRoutine(irp, record, &calls, each.success, each.error, each.cancel);
        take(irp);
        irp->Cancel = each.cancelled;
        complete(irp, each.status);
        EXPECT_EQ(calls.count, each.calls) << &each - cases;
    }
}

// Two drivers above the provider: the walk passes both, from the lowest location up.
class TwoDrivers : public IoCompleteRequestTest {
  protected:
    TwoDrivers() {
        irp_ = reinterpret_cast<PIRP>(storage_);
        IoInitializeIrp(irp_, sizeof storage_, 2);
        IoSetCompletionRoutine(irp_, record, &upper_, TRUE, TRUE, TRUE);
        take(irp_);
        IoGetCurrentIrpStackLocation(irp_)->DeviceObject = &device_;
    }
    void set_lower() {
        IoSetCompletionRoutine(irp_, record, &lower_, TRUE, TRUE, TRUE);
        take(irp_);
    }
    alignas(16) std::byte storage_[sizeof(IRP) + 2 * sizeof(IO_STACK_LOCATION)];
    PIRP irp_;
    DEVICE_OBJECT device_{};
    Calls upper_;
    Calls lower_;
};
using TwoDriversDeathTest = TwoDrivers;

TEST_F(TwoDrivers, EachRoutineGetsTheDeviceOfItsOwnDriver) {
    lower_.answer = STATUS_CONTINUE_COMPLETION;
    set_lower();
    complete(irp_, STATUS_SUCCESS);
    EXPECT_EQ(lower_.count, 1);
    EXPECT_EQ(lower_.device, &device_);
    EXPECT_EQ(upper_.count, 1);
    EXPECT_EQ(upper_.device, nullptr);
}

TEST_F(TwoDrivers, MoreProcessingRequiredStopsTheWalkUntilItIsCompletedAgain) {
    set_lower();
    complete(irp_, STATUS_SUCCESS);
    EXPECT_EQ(lower_.count, 1);
    EXPECT_EQ(upper_.count, 0);
    complete(irp_, STATUS_SUCCESS);
    EXPECT_EQ(lower_.count, 1);
    EXPECT_EQ(upper_.count, 1);
}

TEST_F(TwoDrivers, APendingMarkPassesALocationWithoutRoutine) {
    IoGetNextIrpStackLocation(irp_)->Control = 0;
    take(irp_);
    IoMarkIrpPending(irp_);
    complete(irp_, STATUS_SUCCESS);
    EXPECT_TRUE(upper_.pending);
}

TEST_F(TwoDrivers, APendingMarkIsPassedOnByTheRoutine) {
    lower_.answer = STATUS_CONTINUE_COMPLETION;
    lower_.mark = true;
    set_lower();
    IoMarkIrpPending(irp_);
    complete(irp_, STATUS_SUCCESS);
    EXPECT_TRUE(lower_.pending);
    EXPECT_TRUE(upper_.pending);
}

TEST_F(TwoDrivers, UsedLocationsAreCleared) {
    lower_.answer = STATUS_CONTINUE_COMPLETION;
    set_lower();
    const PIO_STACK_LOCATION lowest = IoGetCurrentIrpStackLocation(irp_);
    lowest->MinorFunction = 3;
    lowest->Parameters.Others.Argument1 = this;
    complete(irp_, STATUS_SUCCESS);
    EXPECT_EQ(lowest->MinorFunction, 0);
    EXPECT_EQ(lowest->Control, 0);
    EXPECT_EQ(lowest->Parameters.Others.Argument1, nullptr);
}

TEST_F(TwoDriversDeathTest, APendingMarkThatIsLostIsNoticed) {
    lower_.answer = STATUS_CONTINUE_COMPLETION;
    set_lower();
    IoMarkIrpPending(irp_);
    EXPECT_DEATH(complete(irp_, STATUS_SUCCESS), "pending-returned-not-passed-on");
}

TEST_F(IoCompleteRequestTest, AtTheTopTheOneWhoWaitsIsTold) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IO_STATUS_BLOCK iosb{};
    irp->UserIosb = &iosb;
    irp->UserEvent = &event;
    take(irp);
    irp->IoStatus.Information = 5;
    // Frees the IRP, as the I/O manager does with one that it made.
    complete(irp, STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(iosb.Status, STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(iosb.Information, 5U);
    EXPECT_NE(KeReadStateEvent(&event), 0);
}

TEST_F(IoCompleteRequestTest, TheRoutineMayFreeTheIrpIfItClaimsIt) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, free_and_claim, nullptr, TRUE, TRUE, TRUE);
    take(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_EQ(system().report_leaks(), 0U);
}

TEST_F(IoCompleteRequestDeathTest, ARoutineOfAnAllocatedIrpMustClaimIt) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    Calls calls{.answer = STATUS_SUCCESS};
    IoSetCompletionRoutine(irp, record, &calls, TRUE, TRUE, TRUE);
    take(irp);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS), "irp-not-claimed-by-completion-routine");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, AnAllocatedIrpNeedsARoutineForEachOutcome) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    Calls calls;
    IoSetCompletionRoutine(irp, record, &calls, TRUE, FALSE, FALSE);
    take(irp);
    EXPECT_DEATH(complete(irp, STATUS_UNSUCCESSFUL),
                 "irp-not-claimed-by-completion-routine\n.*no completion routine");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, FreeingWithoutClaimingIsNoticed) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, free_and_go_on, nullptr, TRUE, TRUE, TRUE);
    take(irp);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS), "irp-freed-but-not-claimed");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, CompletingTwiceNamesTheFirstPlace) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    Calls calls;
    IoSetCompletionRoutine(irp, record, &calls, TRUE, TRUE, TRUE);
    take(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS),
                 "MULTIPLE_IRP_COMPLETE_REQUESTS\n.*rule: irp-completed-twice\n"
                 ".*it had been completed at ");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, AnIrpThatNobodyTookCannotBeCompleted) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS), "MULTIPLE_IRP_COMPLETE_REQUESTS\n.*never sent");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, CompletingDriverStoragePastTheTopIsNoticed) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, sizeof storage, 1);
    IoGetNextIrpStackLocation(irp)->Control = 0;
    take(irp);
    complete(irp, STATUS_SUCCESS);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS), "MULTIPLE_IRP_COMPLETE_REQUESTS");
}

TEST_F(IoCompleteRequestDeathTest, WhatIsNoIrpCannotBeCompleted) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)] = {};
    EXPECT_DEATH(complete(reinterpret_cast<PIRP>(storage), STATUS_SUCCESS),
                 "MULTIPLE_IRP_COMPLETE_REQUESTS\n.*rule: irp-completed-but-not-recognized");
}

TEST_F(IoCompleteRequestDeathTest, PendingIsNoResult) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    take(irp);
    EXPECT_DEATH(complete(irp, STATUS_PENDING), "irp-completed-with-status-pending");
    IoFreeIrp(irp);
}

VOID NTAPI cancel_nothing(PDEVICE_OBJECT, PIRP irp) {
    IoReleaseCancelSpinLock(irp->CancelIrql);
}

TEST_F(IoCompleteRequestDeathTest, ACancelRoutineMustBeGone) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    take(irp);
    IoSetCancelRoutine(irp, cancel_nothing);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS),
                 "CANCEL_STATE_IN_COMPLETED_IRP\n.*rule: irp-completed-with-cancel-routine");
    IoFreeIrp(irp);
}

TEST_F(IoCompleteRequestDeathTest, ARoutineMustReturnAtTheIrqlOfItsCall) {
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, return_raised, nullptr, TRUE, TRUE, TRUE);
    take(irp);
    EXPECT_DEATH(complete(irp, STATUS_SUCCESS),
                 "irql-changed-by-completion-routine\n.*called at 0");
    IoFreeIrp(irp);
}

}  // namespace
}  // namespace owsk::nt
