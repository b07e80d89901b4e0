// SPDX-License-Identifier: MIT
// What was issued, what the call returned, and what the completion routine saw.
#include "simulation/checkers/irps.h"

#include <ntstatus.h>

#include "base/status_name.h"

namespace owsk::scenarios {

IrpChecker::Id IrpChecker::issued(const char* what) {
    irps_.push_back({.what = what});
    return irps_.size() - 1;
}

std::string IrpChecker::name_of(Id id) const {
    return "IRP " + std::to_string(id) + " (" + irps_[id].what + ')';
}

void IrpChecker::returned(Id id, NTSTATUS status) {
    Irp& irp = irps_[id];
    irp.has_returned = true;
    irp.returned = status;
    const bool pending = status == STATUS_PENDING;
    if (!pending && irp.completions == 0) {
        complaints_.complain(
            name, name_of(id) + " did not complete, and the call returned " + status_name(status));
    } else if (!pending && irp.status != status) {
        complaints_.complain(name,
                             name_of(id) + " completed with " + status_name(irp.status) +
                                 ", and the call returned " + status_name(status));
    } else if (pending && irp.completions != 0 && !irp.pending_returned) {
        complaints_.complain(
            name, name_of(id) + " was not marked pending, and the call returned STATUS_PENDING");
    }
}

void IrpChecker::completed(Id id, NTSTATUS status, bool pending_returned) {
    Irp& irp = irps_[id];
    if (++irp.completions != 1) {
        complaints_.complain(name,
                             name_of(id) + " completed for the second time, with " +
                                 status_name(irp.status) + " and with " + status_name(status));
    }
    if (status == STATUS_PENDING) {
        complaints_.complain(name, name_of(id) + " completed with STATUS_PENDING");
    }
    if (irp.has_returned && !pending_returned) {
        complaints_.complain(name,
                             name_of(id) + " completed after the call, and was not marked pending");
    }
    irp.status = status;
    irp.pending_returned = pending_returned;
}

void IrpChecker::check_end() {
    for (Id id = 0; id < irps_.size(); ++id) {
        if (irps_[id].completions == 0) {
            complaints_.complain(name, name_of(id) + " has never completed");
        }
    }
}

}  // namespace owsk::scenarios
