// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <ntddk.h>
#include <openwsk/machine.h>
#include <openwsk/summary.h>
#include <openwsk/text_trace.h>

#include <cstdio>
#include <cstdlib>

namespace owsk {
namespace {

using ::testing::HasSubstr;

VOID NTAPI unload(PDRIVER_OBJECT) {}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry_without_unload(PDRIVER_OBJECT, PUNICODE_STRING) {
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI failing_entry(PDRIVER_OBJECT, PUNICODE_STRING) {
    return STATUS_DEVICE_NOT_READY;
}

constexpr ULONG leak_tag = 0x6B61654C;  // "Leak", as pool tags are written

NTSTATUS NTAPI leaking_entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = unload;
    return ExAllocatePoolWithTag(NonPagedPoolNx, 64, leak_tag) != nullptr
               ? STATUS_SUCCESS
               : STATUS_INSUFFICIENT_RESOURCES;
}

class DriverNames final : public Observer {
  public:
    void driver_loaded(const probe::DriverLoaded& record) noexcept override {
        text += '+' + std::string(record.name);
    }
    void driver_unloaded(const probe::DriverUnloaded& record) noexcept override {
        text += '-' + std::string(record.name);
    }
    std::string text;
};

TEST(Machine, StartsAndUnloadsADriver) {
    DriverNames names;
    MachineOptions options;
    options.observers = {&names};
    Machine machine(options);
    DriverError error;
    ASSERT_TRUE(machine.start_driver("one", entry, error)) << error.message;
    EXPECT_TRUE(machine.unload_driver("one"));
    EXPECT_EQ(machine.stop(), 0u);
    EXPECT_EQ(names.text, "+one-one");
}

NTSTATUS NTAPI printing_and_leaking_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    DbgPrint("the driver says %d\n", 5);
    return leaking_entry(driver, path);
}

TEST(Machine, LeaksAreValuesAndLines) {
    testing::internal::CaptureStderr();
    Machine machine;
    DriverError error;
    ASSERT_TRUE(machine.start_driver("one", printing_and_leaking_entry, error)) << error.message;
    EXPECT_TRUE(machine.unload_driver("one"));
    EXPECT_EQ(machine.stop(), 1u);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, HasSubstr("the driver says 5\n"));
    EXPECT_THAT(said, HasSubstr("leak: pool block: "));
    ASSERT_EQ(machine.leaks().size(), 1u);
    EXPECT_EQ(machine.leaks()[0].kind, "pool block");
    EXPECT_THAT(machine.leaks()[0].description, HasSubstr("leaking_entry"));
}

TEST(Machine, WhatATextTraceWritesIsNotWrittenTwice) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const stream = open_memstream(&text, &size);
    testing::internal::CaptureStderr();
    {
        trace::TextTrace trace(stream, trace::Detail::important);
        MachineOptions options;
        options.observers = {&trace};
        Machine machine(options);
        DriverError error;
        machine.start_driver("one", printing_and_leaking_entry, error);
        machine.unload_driver("one");
    }
    std::fclose(stream);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_THAT(text, HasSubstr("leak: pool block: "));
    std::free(text);
}

TEST(Machine, ParametersThatNobodyHasAskedForAreNamed) {
    Machine machine;
    machine.set_parameter("echo.1", "Port", 7);
    EXPECT_EQ(machine.unread_parameters(), std::vector<std::string>{"echo.1.Port"});
}

TEST(Machine, AFailingDriverEntryIsNamedByItsStatus) {
    Machine machine;
    DriverError error;
    EXPECT_FALSE(machine.start_driver("one", failing_entry, error));
    EXPECT_EQ(error.status, STATUS_DEVICE_NOT_READY);
    EXPECT_THAT(error.message, HasSubstr("STATUS_DEVICE_NOT_READY"));
    EXPECT_FALSE(machine.unload_driver("one"));
}

TEST(Machine, ANameIsTakenOnce) {
    Machine machine;
    DriverError error;
    ASSERT_TRUE(machine.start_driver("one", entry, error));
    EXPECT_FALSE(machine.start_driver("one", entry, error));
    EXPECT_EQ(error.status, STATUS_OBJECT_NAME_COLLISION);
    EXPECT_TRUE(machine.unload_driver("one"));
}

TEST(Machine, ADriverWithoutDriverUnloadStays) {
    Machine machine;
    DriverError error;
    ASSERT_TRUE(machine.start_driver("one", entry_without_unload, error));
    EXPECT_FALSE(machine.unload_driver("one"));
}

TEST(Machine, StopCountsWhatIsLeft) {
    trace::Summary summary;
    MachineOptions options;
    options.observers = {&summary};
    Machine machine(options);
    DriverError error;
    ASSERT_TRUE(machine.start_driver("one", leaking_entry, error));
    EXPECT_TRUE(machine.unload_driver("one"));
    EXPECT_EQ(machine.stop(), 1u);
    EXPECT_EQ(summary.leaks(), 1u);
    EXPECT_EQ(machine.stop(), 0u);
}

TEST(Machine, TwoMachinesHaveTheirOwnDrivers) {
    Machine first;
    Machine second;
    DriverError error;
    EXPECT_TRUE(first.start_driver("one", entry, error));
    EXPECT_TRUE(second.start_driver("one", entry, error));
    EXPECT_TRUE(first.unload_driver("one"));
    EXPECT_TRUE(second.unload_driver("one"));
}

TEST(Machine, NamesItsGate) {
    const Machine machine;
    EXPECT_FALSE(machine.gate_name().empty());
    EXPECT_FALSE(machine.gate_reason().empty());
}

}  // namespace
}  // namespace owsk
