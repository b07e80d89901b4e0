// SPDX-License-Identifier: MIT
// DriverTable: the drivers of a machine, their devices, and the names of those.
#pragma once

#include <wdm.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "nt/io/driver_object.h"
#include "probe/probes.h"

namespace owsk::nt::io {

class DriverTable {
  public:
    DriverTable() = default;
    // What was leaked goes with the machine.
    ~DriverTable();
    DriverTable(const DriverTable&) = delete;
    DriverTable& operator=(const DriverTable&) = delete;

    // Calls `entry` on the calling thread, at PASSIVE_LEVEL. A driver whose entry fails is
    // forgotten, and its status is the result; STATUS_OBJECT_NAME_COLLISION if a driver of that
    // name is there already. The driver object lives until unload().
    Result<PDRIVER_OBJECT> start(const std::string& name, PDRIVER_INITIALIZE entry);

    // Calls DriverUnload, waits until no work item of the driver runs any more, and forgets the
    // driver. STATUS_OBJECT_NAME_NOT_FOUND; STATUS_INVALID_DEVICE_REQUEST if it has no
    // DriverUnload, and then it stays, as on Windows.
    NTSTATUS unload(const std::string& name);

    // Devices and links are remembered until they are deleted; the table owns one reference to a
    // device. STATUS_OBJECT_NAME_COLLISION if the name is taken. An empty name takes none.
    NTSTATUS add_device(ob::Ref<DeviceObject> device, const std::u16string& name);
    // False if the device is not in the table.
    bool remove_device(PDEVICE_OBJECT device);
    NTSTATUS add_link(const std::u16string& name, const std::u16string& target);
    NTSTATUS remove_link(const std::u16string& name);

    std::uint64_t report_leaks(probe::Probes& probes);

  private:
    struct Device {
        ob::Ref<DeviceObject> object;
        std::u16string name;
    };
    struct Link {
        std::u16string name;
        std::u16string target;
    };

    ob::Ref<DriverObject> find(const std::string& name);
    ob::Ref<DriverObject> remove(const std::string& name);
    bool name_is_taken_locked(const std::u16string& key) const OWSK_REQUIRES(mu_);

    Mutex mu_{Rank::executive};
    std::map<std::string, ob::Ref<DriverObject>> drivers_ OWSK_GUARDED_BY(mu_);
    std::map<PDEVICE_OBJECT, Device> devices_ OWSK_GUARDED_BY(mu_);
    // Names are compared without regard to case, so the keys are in lower case.
    std::map<std::u16string, Link> links_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::nt::io
