// SPDX-License-Identifier: MIT
// How drivers come and go, and what their devices are called.
#include "nt/io/driver_table.h"

#include <utility>
#include <vector>

#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/stack.h"
#include "nt/rtl/upcase.h"
#include "nt/rtl/utf.h"
#include "nt/system.h"

namespace owsk::nt::io {
namespace {

std::string narrow(const std::u16string& text) {
    std::string out;
    for (const char16_t unit : text) {
        out += unit < 0x80 ? static_cast<char>(unit) : '?';
    }
    return out;
}

void require_passive(const char* routine, const std::string& driver) noexcept {
    const KIRQL irql = ke::current_irql();
    if (irql != PASSIVE_LEVEL) {
        ke::broken_rule(
            Rule::irql_changed_by_driver_routine,
            {.parameters = {irql, PASSIVE_LEVEL, 0, 0},
             .sentence = std::string(routine) + " of driver " + driver + " returned at IRQL " +
                         std::to_string(irql) + "; it was called at PASSIVE_LEVEL."});
    }
}

}  // namespace

DriverTable::~DriverTable() = default;

Result<PDRIVER_OBJECT> DriverTable::start(const std::string& name, PDRIVER_INITIALIZE entry) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "DriverEntry");
    const auto driver = ob::make_object<DriverObject>(name, entry);
    {
        const Lock lock(mu_);
        if (!drivers_.emplace(name, driver).second) {
            return STATUS_OBJECT_NAME_COLLISION;
        }
    }
    // A service has its key, whether or not it has values.
    System::current().registry.add_key(rtl::to_utf8(rtl::characters(driver->registry_path())));
    OWSK_ASSERT(holds_no_lock());
    const NTSTATUS status = entry(driver->windows(), driver->registry_path());
    require_passive("DriverEntry", name);
    if (!NT_SUCCESS(status)) {
        driver->wait_until_unpinned();
        remove(name);
        return status;
    }
    // What the I/O manager does for the devices that DriverEntry created.
    for (PDEVICE_OBJECT device = driver->windows()->DeviceObject; device != nullptr;
         device = device->NextDevice) {
        device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    }
    return driver->windows();
}

NTSTATUS DriverTable::unload(const std::string& name) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "DriverUnload");
    const ob::Ref<DriverObject> driver = find(name);
    if (!driver) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    const PDRIVER_UNLOAD routine = driver->windows()->DriverUnload;
    if (routine == nullptr) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    OWSK_ASSERT(holds_no_lock());
    routine(driver->windows());
    require_passive("DriverUnload", name);
    driver->wait_until_unpinned();
    remove(name);
    return STATUS_SUCCESS;
}

NTSTATUS DriverTable::add_device(ob::Ref<DeviceObject> device, const std::u16string& name) {
    const PDEVICE_OBJECT object = device->windows();
    const Lock lock(mu_);
    if (!name.empty() && name_is_taken_locked(rtl::upcased(name))) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    object->NextDevice = object->DriverObject->DeviceObject;
    object->DriverObject->DeviceObject = object;
    devices_.emplace(object, Device{std::move(device), name});
    return STATUS_SUCCESS;
}

bool DriverTable::remove_device(PDEVICE_OBJECT device) {
    // Destroyed after the lock is left.
    std::map<PDEVICE_OBJECT, Device>::node_type removed;
    const Lock lock(mu_);
    removed = devices_.extract(device);
    if (!removed) {
        return false;
    }
    PDEVICE_OBJECT* link = &device->DriverObject->DeviceObject;
    while (*link != nullptr && *link != device) {
        link = &(*link)->NextDevice;
    }
    if (*link == device) {
        *link = device->NextDevice;
    }
    device->NextDevice = nullptr;
    return true;
}

NTSTATUS DriverTable::add_link(const std::u16string& name, const std::u16string& target) {
    const Lock lock(mu_);
    const std::u16string key = rtl::upcased(name);
    if (name_is_taken_locked(key)) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    links_.emplace(key, Link{name, target});
    return STATUS_SUCCESS;
}

NTSTATUS DriverTable::remove_link(const std::u16string& name) {
    const Lock lock(mu_);
    return links_.erase(rtl::upcased(name)) != 0 ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

std::uint64_t DriverTable::report_leaks(probe::Probes& probes) {
    std::vector<std::pair<const char*, std::string>> leaks;
    {
        const Lock lock(mu_);
        for (const auto& [object, device] : devices_) {
            leaks.emplace_back("device",
                               (device.name.empty() ? "unnamed" : narrow(device.name)) + ", " +
                                   device.object->description());
        }
        for (const auto& [key, link] : links_) {
            leaks.emplace_back("symbolic link", narrow(link.name) + " to " + narrow(link.target));
        }
    }
    for (const auto& [kind, description] : leaks) {
        probes.leak({kind, description});
    }
    return leaks.size();
}

ob::Ref<DriverObject> DriverTable::find(const std::string& name) {
    const Lock lock(mu_);
    const auto found = drivers_.find(name);
    return found == drivers_.end() ? ob::Ref<DriverObject>() : found->second;
}

ob::Ref<DriverObject> DriverTable::remove(const std::string& name) {
    const Lock lock(mu_);
    auto removed = drivers_.extract(name);
    return removed ? std::move(removed.mapped()) : ob::Ref<DriverObject>();
}

bool DriverTable::name_is_taken_locked(const std::u16string& key) const {
    for (const auto& [object, device] : devices_) {
        if (!device.name.empty() && rtl::upcased(device.name) == key) {
            return true;
        }
    }
    return links_.contains(key);
}

}  // namespace owsk::nt::io
