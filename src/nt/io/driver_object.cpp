// SPDX-License-Identifier: MIT
// What a fresh DRIVER_OBJECT and DEVICE_OBJECT look like.
#include "nt/io/driver_object.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/assert.h"
#include "nt/io/wide_string.h"
#include "nt/ke/bug_check.h"

namespace owsk::nt::io {
namespace {

constexpr CSHORT device_extension_type = 13;  // as on Windows

// The dispatch routine of a driver that did not set its own.
NTSTATUS NTAPI invalid_device_request(PDEVICE_OBJECT, PIRP irp) {
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

VisibleText visible(const std::u16string& text) {
    return {text.begin(), text.end()};
}

[[noreturn]] void wrong_type(const void* object,
                             const char* function,
                             const char* wanted) noexcept {
    ke::broken_rule(Rule::object_of_wrong_type_passed,
                    std::string(function) + " was given an object that is not a " + wanted + ".",
                    reinterpret_cast<ULONG_PTR>(object));
}

}  // namespace

DriverObject::DriverObject(const std::string& name, PDRIVER_INITIALIZE entry)
    : Object(ob::driver_type),
      name_(name),
      driver_name_(visible(u"\\Driver\\" + widen(name))),
      service_key_(visible(widen(name))),
      registry_path_text_(
          visible(u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\" + widen(name))),
      hardware_database_text_(u"\\Registry\\Machine\\Hardware\\Description\\System"),
      registry_path_(view_of(registry_path_text_)),
      hardware_database_(view_of(hardware_database_text_)) {
    OWSK_ASSERT(body() == &object_);
    KeInitializeEvent(&unpinned_, NotificationEvent, FALSE);
    extension_.DriverObject = &object_;
    extension_.ServiceKeyName = view_of(service_key_);
    object_.Type = IO_TYPE_DRIVER;
    object_.Size = sizeof(DRIVER_OBJECT);
    object_.DriverStart = reinterpret_cast<PVOID>(entry);
    object_.DriverExtension = &extension_;
    object_.DriverName = view_of(driver_name_);
    object_.HardwareDatabase = &hardware_database_;
    object_.DriverInit = entry;
    std::fill(std::begin(object_.MajorFunction),
              std::end(object_.MajorFunction),
              &invalid_device_request);
}

DriverObject& DriverObject::from(PDRIVER_OBJECT object, const char* function) noexcept {
    Object& found = Object::from_body(object, function);
    if (&found.type() != &ob::driver_type) {
        wrong_type(object, function, "driver object");
    }
    return static_cast<DriverObject&>(found);
}

void DriverObject::pin() noexcept {
    pins_.fetch_add(1);
}

void DriverObject::unpin() noexcept {
    // The thread that waits may drop the last other reference as soon as the event is set.
    const auto kept = ob::Ref<DriverObject>::share(this);
    if (pins_.fetch_sub(1) == 1) {
        KeSetEvent(&unpinned_, IO_NO_INCREMENT, FALSE);
    }
}

void DriverObject::wait_until_unpinned() noexcept {
    unpin();
    KeWaitForSingleObject(&unpinned_, Executive, KernelMode, FALSE, nullptr);
}

DeviceObject::DeviceObject(ob::Ref<DriverObject> driver,
                           ULONG extension_size,
                           DEVICE_TYPE type,
                           ULONG characteristics)
    : Object(ob::device_type), driver_(std::move(driver)), driver_extension_(extension_size) {
    OWSK_ASSERT(body() == &object_);
    KeInitializeEvent(&object_.DeviceLock, SynchronizationEvent, TRUE);
    extension_.Type = device_extension_type;
    extension_.Size = sizeof extension_;
    extension_.DeviceObject = &object_;
    object_.Type = IO_TYPE_DEVICE;
    object_.Size = static_cast<USHORT>(sizeof(DEVICE_OBJECT) + extension_size);
    object_.DriverObject = driver_->windows();
    object_.DeviceType = type;
    object_.Characteristics = characteristics;
    object_.StackSize = 1;
    object_.Flags = DO_DEVICE_INITIALIZING;
    object_.DeviceExtension = extension_size == 0 ? nullptr : driver_extension_.data();
    object_.DeviceObjectExtension = &extension_;
}

DeviceObject& DeviceObject::from(PDEVICE_OBJECT object, const char* function) noexcept {
    Object& found = Object::from_body(object, function);
    if (&found.type() != &ob::device_type) {
        wrong_type(object, function, "device object");
    }
    return static_cast<DeviceObject&>(found);
}

}  // namespace owsk::nt::io
