// SPDX-License-Identifier: MIT
// DriverObject and DeviceObject: the objects behind DRIVER_OBJECT and DEVICE_OBJECT.
#pragma once

#include <wdm.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include "nt/io/wide_string.h"
#include "nt/ob/object.h"

namespace owsk::nt::io {

class DriverObject final : public ob::Object {
  public:
    DriverObject(const std::string& name, PDRIVER_INITIALIZE entry);

    PDRIVER_OBJECT windows() noexcept { return &object_; }
    PUNICODE_STRING registry_path() noexcept { return &registry_path_; }
    static DriverObject& from(PDRIVER_OBJECT object, const char* function) noexcept;

    // Code of the driver that runs on behalf of a pinned driver object may return before the driver
    // is gone.
    void pin() noexcept;
    void unpin() noexcept;
    // Ends the driver's own pin, and waits for the last one. Called once.
    void wait_until_unpinned() noexcept;

    std::string description() const override { return "driver " + name_; }

  private:
    DRIVER_OBJECT object_{};
    DRIVER_EXTENSION extension_{};
    const std::string name_;
    VisibleText driver_name_;
    VisibleText service_key_;
    VisibleText registry_path_text_;
    VisibleText hardware_database_text_;
    UNICODE_STRING registry_path_{};
    UNICODE_STRING hardware_database_{};
    std::atomic<unsigned> pins_ = 1;
    KEVENT unpinned_;
};

class DeviceObject final : public ob::Object {
  public:
    DeviceObject(ob::Ref<DriverObject> driver,
                 ULONG extension_size,
                 DEVICE_TYPE type,
                 ULONG characteristics);

    PDEVICE_OBJECT windows() noexcept { return &object_; }
    DriverObject& driver() noexcept { return *driver_; }
    static DeviceObject& from(PDEVICE_OBJECT object, const char* function) noexcept;

    std::string description() const override { return "device of " + driver_->description(); }

  private:
    DEVICE_OBJECT object_{};
    DEVOBJ_EXTENSION extension_{};
    const ob::Ref<DriverObject> driver_;
    std::vector<std::byte, VisibleAllocator<std::byte>> driver_extension_;
};

}  // namespace owsk::nt::io
