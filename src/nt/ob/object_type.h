// SPDX-License-Identifier: MIT
// The kinds of objects. A driver sees only their addresses (PsThreadType, IoFileObjectType, ...).
#pragma once

#include <wdm.h>

struct _OBJECT_TYPE {
    const char* name;  // as a leak report says it
};

namespace owsk::nt::ob {

using ObjectType = ::_OBJECT_TYPE;

extern ObjectType thread_type;
extern ObjectType process_type;
extern ObjectType event_type;
extern ObjectType semaphore_type;
extern ObjectType file_type;
extern ObjectType key_type;
extern ObjectType driver_type;
extern ObjectType device_type;

}  // namespace owsk::nt::ob
