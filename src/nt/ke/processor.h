// SPDX-License-Identifier: MIT
// Which processor the calling thread is.
#pragma once

namespace owsk::nt::ke {

namespace detail {
inline constinit thread_local bool is_processor = false;
}  // namespace detail

// Whether the calling thread is a processor of a machine: it runs DPCs and callbacks, and can never
// wait, at whatever IRQL.
inline bool is_processor_thread() noexcept {
    return detail::is_processor;
}

// The number of the processor; below DISPATCH_LEVEL that of one on which the thread likes to run.
unsigned current_processor() noexcept;

// For a thread that is not a processor: no other thread is at DISPATCH_LEVEL on its processor until
// it leaves. Precondition: holds no lock of ours.
void enter_processor() noexcept;
void leave_processor() noexcept;

// Makes the calling thread one that is a processor, or acts as one, for as long as it lives.
void become_processor() noexcept;

}  // namespace owsk::nt::ke
