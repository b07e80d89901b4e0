// SPDX-License-Identifier: MIT
#include <algorithm>

#include "unit/nt/io/driver_fixture.h"

namespace owsk::nt {
namespace {

class Device : public DriverTest {};
using DeviceDeathTest = Device;

TEST_F(Device, HasAZeroedExtension) {
    ASSERT_NE(device_, nullptr);
    EXPECT_EQ(device_->Type, IO_TYPE_DEVICE);
    EXPECT_EQ(device_->DriverObject, driver_);
    EXPECT_EQ(device_->StackSize, 1);
    const auto* extension = static_cast<const unsigned char*>(device_->DeviceExtension);
    EXPECT_TRUE(
        std::all_of(extension, extension + 32, [](unsigned char byte) { return byte == 0; }));
}

TEST_F(Device, TheDriverKnowsItsDevices) {
    PDEVICE_OBJECT second;
    ASSERT_EQ(IoCreateDevice(driver_, 0, nullptr, FILE_DEVICE_UNKNOWN, 0, TRUE, &second),
              STATUS_SUCCESS);
    EXPECT_EQ(second->DeviceExtension, nullptr);
    EXPECT_NE(second->Flags & DO_EXCLUSIVE, 0U);
    EXPECT_EQ(driver_->DeviceObject, second);
    EXPECT_EQ(second->NextDevice, device_);
    IoDeleteDevice(second);
    EXPECT_EQ(driver_->DeviceObject, device_);
}

TEST_F(Device, NamesAreUniqueWithoutRegardToCase) {
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\One");
    UNICODE_STRING same = RTL_CONSTANT_STRING(L"\\DEVICE\\one");
    PDEVICE_OBJECT first;
    PDEVICE_OBJECT second;
    ASSERT_EQ(IoCreateDevice(driver_, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &first),
              STATUS_SUCCESS);
    EXPECT_EQ(IoCreateDevice(driver_, 0, &same, FILE_DEVICE_UNKNOWN, 0, FALSE, &second),
              STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQ(second, nullptr);
    IoDeleteDevice(first);
    EXPECT_EQ(IoCreateDevice(driver_, 0, &same, FILE_DEVICE_UNKNOWN, 0, FALSE, &second),
              STATUS_SUCCESS);
    IoDeleteDevice(second);
}

TEST_F(Device, NamesOfOtherAlphabetsHaveCasesToo) {
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\\u00C4\u0416");
    UNICODE_STRING same = RTL_CONSTANT_STRING(L"\\Device\\\u00E4\u0436");
    UNICODE_STRING other = RTL_CONSTANT_STRING(L"\\Device\\\u00C5\u0416");
    EXPECT_EQ(IoCreateSymbolicLink(&name, &other), STATUS_SUCCESS);
    EXPECT_EQ(IoCreateSymbolicLink(&same, &other), STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQ(IoDeleteSymbolicLink(&other), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQ(IoDeleteSymbolicLink(&same), STATUS_SUCCESS);
}

TEST_F(Device, SymbolicLinksAreMadeOnceAndDeletedOnce) {
    UNICODE_STRING link = RTL_CONSTANT_STRING(L"\\DosDevices\\One");
    UNICODE_STRING target = RTL_CONSTANT_STRING(L"\\Device\\One");
    EXPECT_EQ(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
    EXPECT_EQ(IoCreateSymbolicLink(&link, &target), STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQ(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
    EXPECT_EQ(IoDeleteSymbolicLink(&link), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST_F(Device, ADispatchRoutineThatIsNotSetRefuses) {
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, sizeof storage, 1);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    EXPECT_EQ(IoCallDriver(device_, irp), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(irp->IoStatus.Status, STATUS_INVALID_DEVICE_REQUEST);
}

PDEVICE_OBJECT device_seen = nullptr;

NTSTATUS NTAPI answer(PDEVICE_OBJECT device, PIRP irp) {
    device_seen = IoGetCurrentIrpStackLocation(irp)->DeviceObject;
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 42;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return device == device_seen ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

TEST_F(Device, CallDriverGivesTheNextLocationToTheDispatchRoutine) {
    driver_->MajorFunction[IRP_MJ_DEVICE_CONTROL] = answer;
    alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, sizeof storage, 1);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    EXPECT_EQ(IoCallDriver(device_, irp), STATUS_SUCCESS);
    EXPECT_EQ(device_seen, device_);
    EXPECT_EQ(irp->IoStatus.Information, 42U);
}

NTSTATUS NTAPI count_and_claim(PDEVICE_OBJECT, PIRP, PVOID context) {
    ++*static_cast<int*>(context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST_F(Device, ARoutineSetByTheExFunctionIsCalledForTheOutcomesAskedFor) {
    for (const bool success : {true, false}) {
        alignas(16) std::byte storage[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
        const PIRP irp = reinterpret_cast<PIRP>(storage);
        IoInitializeIrp(irp, sizeof storage, 1);
        int calls = 0;
        EXPECT_EQ(
            IoSetCompletionRoutineEx(device_, irp, count_and_claim, &calls, TRUE, FALSE, FALSE),
            STATUS_SUCCESS);
        IoSetNextIrpStackLocation(irp);
        irp->IoStatus.Status = success ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        EXPECT_EQ(calls, success ? 1 : 0);
    }
}

TEST_F(DeviceDeathTest, CallDriverNeedsALocation) {
    alignas(16) std::byte storage[sizeof(IRP)];
    const PIRP irp = reinterpret_cast<PIRP>(storage);
    IoInitializeIrp(irp, sizeof storage, 0);
    EXPECT_DEATH(IoCallDriver(device_, irp), "NO_MORE_IRP_STACK_LOCATIONS");
}

TEST_F(DeviceDeathTest, IsDeletedOnce) {
    ObReferenceObject(device_);
    EXPECT_DEATH(
        {
            IoDeleteDevice(device_);
            IoDeleteDevice(device_);
        },
        "device-deleted-twice");
    ObDereferenceObject(device_);
}

TEST_F(DeviceDeathTest, IsNotADriver) {
    PDEVICE_OBJECT device;
    EXPECT_DEATH(IoCreateDevice(reinterpret_cast<PDRIVER_OBJECT>(device_),
                                0,
                                nullptr,
                                FILE_DEVICE_UNKNOWN,
                                0,
                                FALSE,
                                &device),
                 "object-of-wrong-type-passed\n.*IoCreateDevice");
}

}  // namespace
}  // namespace owsk::nt
