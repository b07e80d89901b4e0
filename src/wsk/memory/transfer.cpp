// SPDX-License-Identifier: MIT
// Walking MDL chains.
#include "wsk/memory/transfer.h"

#include <algorithm>

#include "nt/ke/bug_check.h"

namespace owsk::wsk {

namespace {

// How many bytes a chain must have for a WSK_BUF. Not more than that is looked at: what follows is
// not part of the call.
bool is_enough(SIZE_T room, const WSK_BUF& buffer) noexcept {
    return room >= buffer.Offset && room - buffer.Offset >= buffer.Length;
}

[[noreturn, gnu::cold, gnu::noinline]] void refuse_unlocked(const MDL* mdl,
                                                            const char* function) noexcept {
    nt::ke::broken_rule(
        Rule::mdl_used_without_lock,
        std::string(function) +
            " was given an MDL whose pages are not locked: call MmBuildMdlForNonPagedPool or "
            "MmProbeAndLockPages first. On Windows its page numbers are garbage.",
        reinterpret_cast<ULONG_PTR>(mdl));
}

void require_usable(const MDL* mdl, const char* function) noexcept {
    nt::mm::require_memory(mdl, sizeof *mdl, "an MDL", function);
    if (!nt::mm::has_pages(mdl)) {
        refuse_unlocked(mdl, function);
    }
}

}  // namespace

void detail::require_usable_chain(const WSK_BUF& buffer, const char* function) noexcept {
    SIZE_T room = 0;
    for (const MDL* mdl = buffer.Mdl; mdl != nullptr && !is_enough(room, buffer); mdl = mdl->Next) {
        require_usable(mdl, function);
        room += mdl->ByteCount;
    }
}

bool detail::is_well_formed_chain(const WSK_BUF& buffer) noexcept {
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

void TransferParameters::visit_memory(MemoryVisitor& visitor) const noexcept {
    SIZE_T left = offset + length;
    for (const MDL* piece = mdl; piece != nullptr && left != 0; piece = piece->Next) {
        visitor.visit(piece);
        visitor.visit(nt::mm::mdl_data(piece));
        left -= std::min<SIZE_T>(left, piece->ByteCount);
    }
}

void Slices::cut_chain(const MDL* mdl, SIZE_T skip, SIZE_T left) noexcept {
    for (; mdl != nullptr && left != 0 && count_ < slices_.size(); mdl = mdl->Next) {
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
