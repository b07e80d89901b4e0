// SPDX-License-Identifier: MIT
// Transfers: what a call with a WSK_BUF has asked for, and how much of it is done; MDL chains as
// slices of memory.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <array>
#include <cstdint>
#include <span>

#include "net/network.h"
#include "nt/mm/foreign.h"
#include "nt/mm/mdl_bytes.h"
#include "wsk/request/request_owner.h"

namespace owsk::wsk {

// The WSK_BUF that a call was given, which may itself be gone, and how far it is served.
struct TransferParameters {
    // Beside the driver's flags: all of a send is on its way, and `end` counts instead of `done`.
    static constexpr ULONG on_its_way = 0x8000'0000;

    static TransferParameters from(const WSK_BUF& buffer, ULONG flags) noexcept {
        return {buffer.Mdl, buffer.Length, {0}, buffer.Offset, flags};
    }
    static TransferParameters& of(Request request) noexcept {
        return request.parameters<TransferParameters>();
    }

    bool is_on_its_way() const noexcept { return (flags & on_its_way) != 0; }
    SIZE_T progress() const noexcept { return is_on_its_way() ? length : done; }
    // The MDLs and their bytes.
    void visit_memory(MemoryVisitor& visitor) const noexcept;

    PMDL mdl;
    SIZE_T length;
    union {
        SIZE_T done;
        std::uint64_t end;  // where in the stream of the connection its last byte is
    };
    ULONG offset;
    ULONG flags;
};

namespace detail {
void require_usable_chain(const WSK_BUF& buffer, const char* function) noexcept;
bool is_well_formed_chain(const WSK_BUF& buffer) noexcept;
// Whether the first MDL alone has `length` bytes from `offset` on.
inline bool is_in_one(const MDL* mdl, SIZE_T offset, SIZE_T length) noexcept {
    return mdl != nullptr && offset <= mdl->ByteCount && mdl->ByteCount - offset >= length;
}
}  // namespace detail

// Looks at a WSK_BUF that `function` was given, and at as much of its chain as the call will use:
// it leads to memory, and the MDLs have their pages. A NULL pointer is left to the caller.
inline void require_usable(const WSK_BUF* buffer, const char* function) noexcept {
    if (buffer == nullptr) {
        return;
    }
    nt::mm::require_memory(buffer, sizeof *buffer, "a WSK_BUF", function);
    if (buffer->Length != 0) {
        detail::require_usable_chain(*buffer, function);
    }
}

// Whether a WSK_BUF keeps the rules: an MDL unless the length is 0, the offset inside the first
// MDL, the length inside the chain.
inline bool is_well_formed(const WSK_BUF& buffer) noexcept {
    return (buffer.Length != 0 && detail::is_in_one(buffer.Mdl, buffer.Offset, buffer.Length)) ||
           detail::is_well_formed_chain(buffer);
}

// The part of a transfer that is still to be done, as slices; at most as many as fit one call of
// the network.
class Slices {
  public:
    explicit Slices(const TransferParameters& transfer) noexcept {
        const SIZE_T skip = transfer.offset + transfer.done;
        const SIZE_T left = transfer.length - transfer.done;
        if (left != 0 && detail::is_in_one(transfer.mdl, skip, left)) {
            slices_[0] = {nt::mm::mdl_data(transfer.mdl) + skip, left};
            count_ = 1;
            bytes_ = left;
        } else {
            cut_chain(transfer.mdl, skip, left);
        }
    }

    std::span<const net::Slice> get() const noexcept { return {slices_.data(), count_}; }
    SIZE_T bytes() const noexcept { return bytes_; }

  private:
    // `left` bytes of the chain, without the first `skip`.
    void cut_chain(const MDL* mdl, SIZE_T skip, SIZE_T left) noexcept;

    std::array<net::Slice, net::slices_max> slices_;
    std::size_t count_ = 0;
    SIZE_T bytes_ = 0;
};

}  // namespace owsk::wsk
