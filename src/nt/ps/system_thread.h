// SPDX-License-Identifier: MIT
// The call of a system thread's routine, which may end by return or by PsTerminateSystemThread.
#pragma once

#include <wdm.h>

#include "nt/ps/thread.h"

namespace owsk::nt::ps {

// Leaves the exit status in the thread object.
void call_thread_routine(Thread& thread, PKSTART_ROUTINE routine, PVOID context) noexcept;

}  // namespace owsk::nt::ps
