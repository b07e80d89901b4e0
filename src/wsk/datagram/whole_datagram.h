// SPDX-License-Identifier: MIT
// WholeDatagram: the memory of a WSK_BUF as one call of the network needs it, which is a whole
// datagram. A chain of more pieces than such a call takes goes through memory of our own.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "wsk/memory/transfer.h"

namespace owsk::wsk {

class WholeDatagram {
  public:
    // Longer than any datagram; more of a buffer than that is never looked at.
    static constexpr SIZE_T longest = 64 * 1024;

    // The buffer without its first `skip` bytes. Precondition: skip <= buffer.Length <= longest.
    explicit WholeDatagram(const WSK_BUF& buffer, SIZE_T skip = 0) noexcept;

    // False if it would have taken memory that there is none of.
    bool is_usable() const noexcept { return slices_.bytes() == length() || copy_ != nullptr; }
    std::span<const net::Slice> get() const noexcept {
        return copy_ != nullptr ? std::span(&whole_, 1) : slices_.get();
    }
    // Before the bytes are sent.
    void gather() noexcept;
    // After `count` bytes were received.
    void scatter(SIZE_T count) noexcept;

  private:
    SIZE_T length() const noexcept { return rest_.length - rest_.done; }
    // Calls `visit` with each piece of the first `count` bytes, and where it is in the copy.
    template <typename Visit>
    void visit_pieces(SIZE_T count, Visit visit) noexcept;

    const TransferParameters rest_;
    const Slices slices_;
    std::unique_ptr<std::byte[]> copy_;  // null, nearly always: the slices are all
    net::Slice whole_ = {};
};

}  // namespace owsk::wsk
