// SPDX-License-Identifier: MIT
// The points of operations that are inline in the headers for drivers. They are called in
// simulations only.
#include "base/interleave.h"

#include <wdm.h>

// What a barrier is for ThreadSanitizer.
int owsk_fence = 0;

// Others may go on before an Interlocked operation, a barrier or the like.
//
// IRQL       any
extern "C" VOID NTAPI owsk_pass_point(VOID) {
    owsk::pass(owsk::Point::memory);
}

// YieldProcessor: others go on, or a little time passes.
//
// IRQL       any
extern "C" VOID NTAPI owsk_let_others_run(VOID) {
    owsk::let_others_run();
}
