// SPDX-License-Identifier: MIT
// Slice, Outcome and Transfer: what is moved in one call, and how far it came.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace owsk::net {

// A piece of memory to fill or to send. Laid out as the system's scatter/gather element.
struct Slice {
    void* base;
    std::size_t length;
};
// As many as one transfer looks at. What is longer in a stream is worth another call.
inline constexpr std::size_t slices_max = 64;

// How many bytes they are.
constexpr std::size_t length_of(std::span<const Slice> slices) noexcept {
    std::size_t length = 0;
    for (const Slice& slice : slices) {
        length += slice.length;
    }
    return length;
}

enum class Outcome : std::uint8_t {
    done,           // `bytes` were transferred: of a stream at least one, if any was asked for
    would_block,    // nothing was; readiness will be announced
    end_of_stream,  // receive only: the peer has finished sending and everything was read
    failed,         // nothing was; `status` says why
};

struct Transfer {
    Outcome outcome;
    std::size_t bytes = 0;
    NTSTATUS status = STATUS_SUCCESS;
};

}  // namespace owsk::net
