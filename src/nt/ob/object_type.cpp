// SPDX-License-Identifier: MIT
// The kinds of objects that there are.
#include "nt/ob/object_type.h"

namespace owsk::nt::ob {

ObjectType thread_type{"thread"};
ObjectType process_type{"process"};
ObjectType event_type{"event"};
ObjectType semaphore_type{"semaphore"};
ObjectType file_type{"file"};
ObjectType key_type{"key"};
ObjectType driver_type{"driver"};
ObjectType device_type{"device"};

}  // namespace owsk::nt::ob

using namespace owsk::nt;

namespace {

POBJECT_TYPE thread_type = &ob::thread_type;
POBJECT_TYPE process_type = &ob::process_type;
POBJECT_TYPE file_type = &ob::file_type;
POBJECT_TYPE event_type = &ob::event_type;

}  // namespace

// On Windows these are variables of the kernel that drivers import by address; hence the second
// pointer.
extern "C" {
POBJECT_TYPE* PsThreadType = &thread_type;
POBJECT_TYPE* PsProcessType = &process_type;
POBJECT_TYPE* IoFileObjectType = &file_type;
POBJECT_TYPE* ExEventObjectType = &event_type;
}
