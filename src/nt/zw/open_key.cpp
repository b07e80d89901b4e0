// SPDX-License-Identifier: MIT
// ZwOpenKey.
#include <wdm.h>

#include "nt/cm/key.h"
#include "nt/ke/irql.h"
#include "nt/rtl/utf.h"
#include "nt/system.h"

namespace owsk::nt::zw {

namespace {

// The whole path that object attributes name.
Result<std::string> key_path(const OBJECT_ATTRIBUTES& attributes) {
    const std::string name = rtl::to_utf8(rtl::characters(attributes.ObjectName));
    if (attributes.RootDirectory == nullptr) {
        return name.starts_with('\\') ? Result(name) : STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    if (name.starts_with('\\')) {
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    const auto root = System::current().handles.find(attributes.RootDirectory, &ob::key_type);
    if (!root) {
        return root.status();
    }
    const std::string& path = static_cast<const cm::Key&>(**root).path();
    return name.empty() ? path : path + '\\' + name;
}

}  // namespace

// ZwOpenKey: a handle to a key that exists.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_OBJECT_NAME_NOT_FOUND if there is no such key,
//            STATUS_OBJECT_PATH_SYNTAX_BAD if the name is absolute below a root, or relative
//            without
extern "C" NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle,
                                    ACCESS_MASK DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwOpenKey");
    const Result<std::string> path = key_path(*ObjectAttributes);
    if (!path) {
        return path.status();
    }
    System& system = System::current();
    if (!system.registry.has_key(*path)) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (system.faults().strikes(Fault::handle_creation)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *KeyHandle = system.handles.insert(ob::make_object<cm::Key>(*path), DesiredAccess);
    return STATUS_SUCCESS;
}

}  // namespace owsk::nt::zw
