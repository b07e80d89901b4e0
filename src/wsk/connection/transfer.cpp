// SPDX-License-Identifier: MIT
// Walking MDL chains.
#include "wsk/connection/transfer.h"

#include <algorithm>

#include "nt/ke/bug_check.h"
#include "nt/mm/foreign.h"
#include "nt/mm/mdl_bytes.h"

namespace owsk::wsk {

namespace {

// How many bytes a chain must have for a WSK_BUF. Not more than that is looked at: what follows is
// not part of the call.
bool is_enough(SIZE_T room, const WSK_BUF& buffer) noexcept {
    return room >= buffer.Offset && room - buffer.Offset >= buffer.Length;
}

void require_usable(const MDL* mdl, const char* function) noexcept {
    nt::mm::require_memory(mdl, sizeof *mdl, "an MDL", function);
    if (!nt::mm::has_pages(mdl)) {
        nt::ke::broken_rule(
            "mdl-used-without-lock",
            std::string(function) +
                " was given an MDL whose pages are not locked: call MmBuildMdlForNonPagedPool or "
                "MmProbeAndLockPages first. On Windows its page numbers are garbage.",
            reinterpret_cast<ULONG_PTR>(mdl));
    }
}

}  // namespace

void require_usable(const WSK_BUF* buffer, const char* function) noexcept {
    if (buffer == nullptr) {
        return;
    }
    nt::mm::require_memory(buffer, sizeof *buffer, "a WSK_BUF", function);
    if (buffer->Length == 0) {
        return;
    }
    SIZE_T room = 0;
    for (const MDL* mdl = buffer->Mdl; mdl != nullptr && !is_enough(room, *buffer);
         mdl = mdl->Next) {
        require_usable(mdl, function);
        room += mdl->ByteCount;
    }
}

bool is_well_formed(const WSK_BUF& buffer) noexcept {
    if (buffer.Mdl == nullptr || buffer.Length == 0) {
        return buffer.Length == 0;
    }
    if (buffer.Offset > buffer.Mdl->ByteCount) {
        return false;
    }
    SIZE_T room = 0;
    for (const MDL* mdl = buffer.Mdl; mdl != nullptr && !is_enough(room, buffer); mdl = mdl->Next) {
        room += mdl->ByteCount;
    }
    return is_enough(room, buffer);
}

TransferParameters transfer_of(const WSK_BUF& buffer, ULONG flags) noexcept {
    TransferParameters transfer;
    transfer.mdl = buffer.Mdl;
    transfer.length = buffer.Length;
    transfer.done = 0;
    transfer.offset = buffer.Offset;
    transfer.flags = flags;
    return transfer;
}

Slices::Slices(const TransferParameters& transfer) noexcept {
    SIZE_T skip = transfer.offset + transfer.done;
    SIZE_T left = transfer.length - transfer.done;
    for (const MDL* mdl = transfer.mdl; mdl != nullptr && left != 0 && count_ < slices_.size();
         mdl = mdl->Next) {
        if (skip >= mdl->ByteCount) {
            skip -= mdl->ByteCount;
            continue;
        }
        const SIZE_T length = std::min<SIZE_T>(mdl->ByteCount - skip, left);
        slices_[count_++] = {nt::mm::mdl_data(mdl) + skip, length};
        bytes_ += length;
        left -= length;
        skip = 0;
    }
}

}  // namespace owsk::wsk
