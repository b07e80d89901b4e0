// SPDX-License-Identifier: MIT
// Walking MDL chains.
#include "wsk/connection/transfer.h"

#include <algorithm>

#include "nt/mm/mdl_bytes.h"

namespace owsk::wsk {

bool is_well_formed(const WSK_BUF& buffer) noexcept {
    if (buffer.Mdl == nullptr) {
        return buffer.Length == 0;
    }
    if (buffer.Offset > buffer.Mdl->ByteCount) {
        return false;
    }
    SIZE_T room = 0;
    for (const MDL* mdl = buffer.Mdl; mdl != nullptr; mdl = mdl->Next) {
        room += mdl->ByteCount;
    }
    return buffer.Length <= room - buffer.Offset;
}

TransferParameters transfer_of(const WSK_BUF& buffer, ULONG flags) noexcept {
    return {buffer.Mdl, buffer.Length, 0, buffer.Offset, flags};
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
