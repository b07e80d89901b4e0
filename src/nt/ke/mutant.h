// SPDX-License-Identifier: MIT
// Mutants (KMUTEX): the one kind of dispatcher object that a thread owns.
#pragma once

#include <wdm.h>

namespace owsk::nt::ps {
class Thread;
}

namespace owsk::nt::ke {

bool may_own_locked(const KMUTANT& mutant, const ps::Thread& thread) noexcept;
// Precondition: may_own_locked(). Returns STATUS_SUCCESS, or STATUS_ABANDONED when the last owner
// ended without a release.
NTSTATUS own_locked(KMUTANT& mutant, ps::Thread& thread) noexcept;

// The thread ends: its mutants become free. A bug check for a KMUTEX, as on Windows.
void abandon_mutants(ps::Thread& thread) noexcept;

}  // namespace owsk::nt::ke
