// SPDX-License-Identifier: MIT
// WSK_BUF and MDL chains as slices of memory.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <array>
#include <span>

#include "net/network.h"
#include "wsk/socket/request.h"

namespace owsk::wsk {

// Looks at a WSK_BUF that `function` was given, and at as much of its chain as the call will use:
// it leads to memory, and the MDLs have their pages. A NULL pointer is left to the caller.
void require_usable(const WSK_BUF* buffer, const char* function) noexcept;

// Whether a WSK_BUF keeps the rules: an MDL unless the length is 0, the offset inside the first
// MDL, the length inside the chain.
bool is_well_formed(const WSK_BUF& buffer) noexcept;

TransferParameters transfer_of(const WSK_BUF& buffer, ULONG flags) noexcept;

// The part of a transfer that is still to be done, as slices; at most as many as fit one call of
// the network.
class Slices {
  public:
    explicit Slices(const TransferParameters& transfer) noexcept;

    std::span<const net::Slice> get() const noexcept { return {slices_.data(), count_}; }
    SIZE_T bytes() const noexcept { return bytes_; }

  private:
    std::array<net::Slice, 64> slices_;
    std::size_t count_ = 0;
    SIZE_T bytes_ = 0;
};

}  // namespace owsk::wsk
