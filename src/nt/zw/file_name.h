// SPDX-License-Identifier: MIT
// Which file of the Linux machine an NT name means.
#pragma once

#include <ntdef.h>

#include <string>

#include "base/result.h"

namespace owsk::nt::zw {

// \??\/var/log/x and \DosDevices\/var/log/x mean /var/log/x; further backslashes are slashes. There
// are no drives and no devices: \??\C:\x is STATUS_OBJECT_PATH_NOT_FOUND.
Result<std::string> linux_path(const OBJECT_ATTRIBUTES& attributes);

}  // namespace owsk::nt::zw
