// SPDX-License-Identifier: MIT
#include "nt/io/driver_table.h"

#include <gmock/gmock.h>

#include <string>

#include "nt/io/wide_string.h"
#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using testing::ElementsAre;

class DriverTableTest : public ExecutiveTest {
  protected:
    void SetUp() override {
        unloads = 0;
        irql_in_entry = HIGH_LEVEL;
    }
    PDRIVER_OBJECT start(PDRIVER_INITIALIZE entry, const char* name = "echo") {
        Result<PDRIVER_OBJECT> started = system().drivers.start(name, entry);
        return started ? *started : nullptr;
    }

  public:
    static inline int unloads;
    static inline KIRQL irql_in_entry;
    static inline std::u16string registry_path;
};
using DriverTableDeathTest = DriverTableTest;

VOID NTAPI unload(PDRIVER_OBJECT) {
    ++DriverTableTest::unloads;
}

VOID NTAPI unload_raised(PDRIVER_OBJECT) {
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    DriverTableTest::irql_in_entry = KeGetCurrentIrql();
    DriverTableTest::registry_path = io::to_u16(path);
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry_with_raised_unload(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = unload_raised;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry_without_unload(PDRIVER_OBJECT, PUNICODE_STRING) {
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry_that_fails(PDRIVER_OBJECT, PUNICODE_STRING) {
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS NTAPI entry_that_returns_raised(PDRIVER_OBJECT, PUNICODE_STRING) {
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    return STATUS_SUCCESS;
}

TEST_F(DriverTableTest, DriverEntrySeesAWholeDriverObject) {
    const PDRIVER_OBJECT driver = start(entry);
    ASSERT_NE(driver, nullptr);
    EXPECT_EQ(DriverTableTest::irql_in_entry, PASSIVE_LEVEL);
    EXPECT_EQ(DriverTableTest::registry_path,
              u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\echo");
    EXPECT_TRUE(system().registry.has_key(
        "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\echo"));
    EXPECT_EQ(driver->Type, IO_TYPE_DRIVER);
    EXPECT_EQ(io::to_u16(&driver->DriverName), u"\\Driver\\echo");
    EXPECT_EQ(io::to_u16(&driver->DriverExtension->ServiceKeyName), u"echo");
    EXPECT_NE(driver->HardwareDatabase, nullptr);
    EXPECT_EQ(driver->DriverInit, entry);
    for (const PDRIVER_DISPATCH dispatch : driver->MajorFunction) {
        EXPECT_NE(dispatch, nullptr);
    }
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_SUCCESS);
    EXPECT_EQ(unloads, 1);
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST_F(DriverTableTest, ADriverWhoseEntryFailsIsForgotten) {
    const Result<PDRIVER_OBJECT> failed = system().drivers.start("echo", entry_that_fails);
    EXPECT_FALSE(failed);
    EXPECT_EQ(failed.status(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_NE(start(entry), nullptr);
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_SUCCESS);
}

TEST_F(DriverTableTest, NamesAreUnique) {
    EXPECT_NE(start(entry), nullptr);
    EXPECT_EQ(system().drivers.start("echo", entry).status(), STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_SUCCESS);
}

TEST_F(DriverTableTest, WithoutDriverUnloadItStays) {
    EXPECT_NE(start(entry_without_unload), nullptr);
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(system().drivers.start("echo", entry).status(), STATUS_OBJECT_NAME_COLLISION);
}

NTSTATUS NTAPI entry_with_device(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = unload;
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\Echo");
    UNICODE_STRING link = RTL_CONSTANT_STRING(L"\\DosDevices\\Echo");
    PDEVICE_OBJECT device;
    const NTSTATUS status =
        IoCreateDevice(driver, 16, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    return NT_SUCCESS(status) ? IoCreateSymbolicLink(&link, &name) : status;
}

TEST_F(DriverTableTest, DevicesAndLinksThatAreLeftAreLeaks) {
    expect_leaks();
    ASSERT_NE(start(entry_with_device), nullptr);
    EXPECT_EQ(system().drivers.unload("echo"), STATUS_SUCCESS);
    EXPECT_EQ(system().report_leaks(), 2U);
    EXPECT_THAT(observer().leaks(),
                ElementsAre("device: \\Device\\Echo, device of driver echo",
                            "symbolic link: \\DosDevices\\Echo to \\Device\\Echo"));
}

TEST_F(DriverTableTest, DevicesOfDriverEntryAreInitializedWhenItHasReturned) {
    expect_leaks();
    const PDRIVER_OBJECT driver = start(entry_with_device);
    ASSERT_NE(driver, nullptr);
    ASSERT_NE(driver->DeviceObject, nullptr);
    EXPECT_EQ(driver->DeviceObject->Flags & DO_DEVICE_INITIALIZING, 0U);
    EXPECT_EQ(driver->DeviceObject->DriverObject, driver);
}

TEST_F(DriverTableDeathTest, ReturningAtRaisedIrqlIsABugCheck) {
    EXPECT_DEATH(start(entry_that_returns_raised),
                 "IRQL_UNEXPECTED_VALUE\n.*rule: irql-changed-by-driver-routine\n.*DriverEntry of "
                 "driver echo");
    EXPECT_NE(start(entry_with_raised_unload), nullptr);
    EXPECT_DEATH(system().drivers.unload("echo"),
                 "IRQL_UNEXPECTED_VALUE\n.*rule: irql-changed-by-driver-routine\n.*DriverUnload of "
                 "driver echo");
}

}  // namespace
}  // namespace owsk::nt
