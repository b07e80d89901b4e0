// SPDX-License-Identifier: MIT
// Remedies for failed binds.
#include "trace/bind_remedy.h"

#include <ntstatus.h>

namespace owsk::trace {

const char* bind_remedy(NTSTATUS status) noexcept {
    switch (status) {
        case STATUS_ADDRESS_ALREADY_EXISTS:
        case STATUS_ADDRESS_ALREADY_ASSOCIATED:
            return "another program holds the port; stop it (ss -ltnp shows it) or choose another "
                   "port";
        case STATUS_SHARING_VIOLATION:
            return "another socket holds the port for itself; choose another port";
        case STATUS_INVALID_ADDRESS:
        case STATUS_INVALID_ADDRESS_COMPONENT:
            return "this machine does not have the address; choose one that `ip address` lists";
        case STATUS_ACCESS_DENIED:
            return "this user may not use the port; choose one from 1024 on, or allow it with "
                   "`sudo sysctl net.ipv4.ip_unprivileged_port_start=0`";
        case STATUS_INSUFFICIENT_RESOURCES:
            return "descriptors or memory are used up; raise the limit (`ulimit -n`)";
        case STATUS_TOO_MANY_OPENED_FILES:
            return "all descriptors are in use; raise the limit (`ulimit -n`)";
        case STATUS_NOT_SUPPORTED:
            return "this machine cannot listen like that; `wskrun doctor` says what it can do";
        default:
            return "";
    }
}

}  // namespace owsk::trace
