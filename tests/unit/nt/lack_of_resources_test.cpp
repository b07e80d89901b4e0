// SPDX-License-Identifier: MIT
// What each function answers when the system has no more of what it needs.
#include "unit/nt/io/driver_fixture.h"

namespace owsk::nt {
namespace {

constexpr ULONG tag = 0x74736554;  // "Test"

class LackOfResources : public DriverTest {
  protected:
    // The next occasion fails.
    void next_fails(Fault fault) { faults().fail_nth(fault, 1); }

    static UNICODE_STRING text(const WCHAR* characters) {
        UNICODE_STRING string;
        RtlInitUnicodeString(&string, characters);
        return string;
    }
};

TEST_F(LackOfResources, PoolIsNull) {
    next_fails(Fault::pool_allocation);
    EXPECT_EQ(ExAllocatePoolWithTag(NonPagedPoolNx, 16, tag), nullptr);
    next_fails(Fault::pool_allocation);
    EXPECT_EQ(ExAllocatePool2(POOL_FLAG_PAGED, 16, tag), nullptr);
    PVOID block = ExAllocatePoolWithTag(NonPagedPoolNx, 16, tag);
    ASSERT_NE(block, nullptr);
    ExFreePoolWithTag(block, tag);
}

TEST_F(LackOfResources, ANewBlockOfALookasideListIsNull) {
    NPAGED_LOOKASIDE_LIST list;
    ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 64, tag, 0);
    next_fails(Fault::pool_allocation);
    EXPECT_EQ(ExAllocateFromNPagedLookasideList(&list), nullptr);
    PVOID block = ExAllocateFromNPagedLookasideList(&list);
    EXPECT_NE(block, nullptr);
    ExFreeToNPagedLookasideList(&list, block);
    ExDeleteNPagedLookasideList(&list);
}

TEST_F(LackOfResources, AStringThatWouldBeAllocatedIsNoMemory) {
    UNICODE_STRING source = text(L"name");
    UNICODE_STRING upper = {};
    next_fails(Fault::pool_allocation);
    EXPECT_EQ(RtlUpcaseUnicodeString(&upper, &source, TRUE), STATUS_NO_MEMORY);
    ANSI_STRING ansi = {};
    next_fails(Fault::pool_allocation);
    EXPECT_EQ(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE), STATUS_NO_MEMORY);
}

TEST_F(LackOfResources, AnIrpIsNull) {
    next_fails(Fault::irp_allocation);
    EXPECT_EQ(IoAllocateIrp(1, FALSE), nullptr);
    PIRP irp = IoAllocateIrp(1, FALSE);
    ASSERT_NE(irp, nullptr);
    IoFreeIrp(irp);
}

TEST_F(LackOfResources, AnMdlIsNullAndDoesNotTouchTheIrp) {
    char bytes[16];
    PIRP irp = IoAllocateIrp(1, FALSE);
    next_fails(Fault::mdl_allocation);
    EXPECT_EQ(IoAllocateMdl(bytes, sizeof bytes, FALSE, FALSE, irp), nullptr);
    EXPECT_EQ(irp->MdlAddress, nullptr);
    IoFreeIrp(irp);
}

TEST_F(LackOfResources, AMappingIsNullAndCanBeTriedAgain) {
    char bytes[16];
    PMDL mdl = IoAllocateMdl(bytes, sizeof bytes, FALSE, FALSE, nullptr);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    next_fails(Fault::mdl_mapping);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), nullptr);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), bytes);
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
}

TEST_F(LackOfResources, AMappingThatMayNotFailDoesNot) {
    char bytes[16];
    PMDL mdl = IoAllocateMdl(bytes, sizeof bytes, FALSE, FALSE, nullptr);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    next_fails(Fault::mdl_mapping);
    EXPECT_EQ(MmMapLockedPages(mdl, KernelMode), bytes);
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
}

TEST_F(LackOfResources, AWorkItemIsNull) {
    next_fails(Fault::work_item_allocation);
    EXPECT_EQ(IoAllocateWorkItem(device_), nullptr);
    PIO_WORKITEM item = IoAllocateWorkItem(device_);
    ASSERT_NE(item, nullptr);
    IoFreeWorkItem(item);
}

TEST_F(LackOfResources, AThreadIsInsufficientResourcesAndNeverRuns) {
    const PKSTART_ROUTINE routine = [](PVOID) NTAPI { ADD_FAILURE() << "the thread runs"; };
    HANDLE handle = nullptr;
    next_fails(Fault::thread_creation);
    EXPECT_EQ(PsCreateSystemThread(
                  &handle, THREAD_ALL_ACCESS, nullptr, nullptr, nullptr, routine, nullptr),
              STATUS_INSUFFICIENT_RESOURCES);
}

TEST_F(LackOfResources, ADeviceIsInsufficientResources) {
    PDEVICE_OBJECT device = device_;
    next_fails(Fault::device_creation);
    EXPECT_EQ(IoCreateDevice(driver_, 0, nullptr, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
              STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(device, nullptr);
}

TEST_F(LackOfResources, AKeyIsInsufficientResources) {
    system().registry.set_value("\\Registry\\Machine\\Software\\Test", "Value", REG_DWORD, {});
    UNICODE_STRING name = text(L"\\Registry\\Machine\\Software\\Test");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
    HANDLE key = nullptr;
    next_fails(Fault::handle_creation);
    EXPECT_EQ(ZwOpenKey(&key, KEY_READ, &attributes), STATUS_INSUFFICIENT_RESOURCES);
    ASSERT_EQ(ZwOpenKey(&key, KEY_READ, &attributes), STATUS_SUCCESS);
    ZwClose(key);
}

TEST_F(LackOfResources, AFileIsInsufficientResourcesAndIsNotCreated) {
    UNICODE_STRING name = text(L"\\??\\/tmp/owsk-lack-of-resources-test");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
    IO_STATUS_BLOCK result = {};
    HANDLE file = nullptr;
    next_fails(Fault::handle_creation);
    EXPECT_EQ(ZwCreateFile(&file,
                           GENERIC_WRITE | SYNCHRONIZE,
                           &attributes,
                           &result,
                           nullptr,
                           FILE_ATTRIBUTE_NORMAL,
                           0,
                           FILE_OVERWRITE_IF,
                           FILE_SYNCHRONOUS_IO_NONALERT,
                           nullptr,
                           0),
              STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(result.Status, STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(ZwOpenFile(&file,
                         GENERIC_READ | SYNCHRONIZE,
                         &attributes,
                         &result,
                         0,
                         FILE_SYNCHRONOUS_IO_NONALERT),
              STATUS_OBJECT_NAME_NOT_FOUND);
}

}  // namespace
}  // namespace owsk::nt
