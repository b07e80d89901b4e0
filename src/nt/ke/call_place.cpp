// SPDX-License-Identifier: MIT
// Walking up a few frames. To unwind properly, by the tables of each module, costs microseconds.
#include "nt/ke/call_place.h"

#include <cstdint>

#include "host/readable.h"

namespace owsk::nt::ke {

namespace {

// What a function with a frame pointer has at it.
struct Frame {
    const Frame* outer;
    void* return_address;
};

// No frame of code that is meant for a kernel is larger.
constexpr std::uintptr_t frame_size_max = 64 * 1024;

// Code without frame pointers has anything in the register. An outer frame lies above, not far, and
// in memory, of which a frame in the same page has told.
bool may_be_outer(const Frame* outer, const Frame* frame) noexcept {
    const auto above = reinterpret_cast<std::uintptr_t>(outer);
    const auto below = reinterpret_cast<std::uintptr_t>(frame);
    if (above - below - 1 >= frame_size_max || above % alignof(Frame) != 0) {
        return false;
    }
    const std::uintptr_t end = above + sizeof *outer - 1;
    return (below ^ end) >> host::detail::page_bits == 0 || host::is_readable(outer, sizeof *outer);
}

}  // namespace

__attribute__((no_sanitize_address)) CallPlace CallPlace::here(const void* innermost) noexcept {
    CallPlace place;
    const auto* frame = static_cast<const Frame*>(innermost);
    for (void*& caller : place.frames_) {
        caller = frame->return_address;
        if (caller == nullptr || !may_be_outer(frame->outer, frame)) {
            break;
        }
        frame = frame->outer;
    }
    return place;
}

}  // namespace owsk::nt::ke
