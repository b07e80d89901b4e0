// SPDX-License-Identifier: MIT
// DriverTest: an executive with one driver that has one device.
#pragma once

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {

class DriverTest : public ExecutiveTest {
  protected:
    DriverTest() {
        Result<PDRIVER_OBJECT> started = system().drivers.start("test", entry);
        driver_ = *started;
        IoCreateDevice(driver_, 32, nullptr, FILE_DEVICE_UNKNOWN, 0, FALSE, &device_);
    }
    ~DriverTest() override {
        if (device_ != nullptr) {
            IoDeleteDevice(device_);
        }
        system().drivers.unload("test");
    }

    static NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
        driver->DriverUnload = unload;
        return STATUS_SUCCESS;
    }
    static VOID NTAPI unload(PDRIVER_OBJECT) {}

    PDRIVER_OBJECT driver_ = nullptr;
    PDEVICE_OBJECT device_ = nullptr;
};

}  // namespace owsk::nt
