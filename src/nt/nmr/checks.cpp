// SPDX-License-Identifier: MIT
// The checks of a registration and of a wait.
#include "nt/nmr/checks.h"

#include "nt/ke/irql.h"
#include "nt/ke/no_wait.h"
#include "nt/mm/foreign.h"
#include "nt/system.h"

namespace owsk::nt::nmr {

NTSTATUS enroll(const Registration& registration, HANDLE* handle, const char* function) {
    const NPI_REGISTRATION_INSTANCE& instance = *registration.instance;
    if (instance.Version != 0 || instance.Size < sizeof instance || instance.NpiId == nullptr ||
        instance.ModuleId == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    mm::require_memory(instance.NpiId, sizeof(NPIID), "an NPIID", function);
    mm::require_memory(instance.ModuleId, sizeof(NPI_MODULEID), "an NPI_MODULEID", function);
    if (System::current().faults().strikes(Fault::registration)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    System::current().nmr.add(registration, handle);
    return STATUS_SUCCESS;
}

NTSTATUS wait(Side side, HANDLE handle, const char* function) {
    ke::require_irql_at_most(APC_LEVEL, function);
    ke::require_may_block(function);
    // At an unload somebody else says what is open, and knows more of it.
    const auto say_nothing = [](std::uint64_t) {};
    return System::current().nmr.wait_until_gone(side, handle, function, say_nothing);
}

}  // namespace owsk::nt::nmr
