// SPDX-License-Identifier: MIT
// MDL chains and what is in them.
#include "simulation/driver/buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace owsk::scenarios {

namespace {

constexpr ULONG tag = 0x6D695374;  // "tSim"

char* memory_of(PMDL mdl) {
    return static_cast<char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
}

}  // namespace

Buffer::Buffer(SIZE_T length, unsigned pieces) : length_(length) {
    const SIZE_T piece = length / pieces;
    for (unsigned i = 1; i < pieces && piece != 0; ++i) {
        append(piece);
        length -= piece;
    }
    if (length != 0) {
        append(length);
    }
}

Buffer::Buffer(std::string_view content, unsigned pieces) : Buffer(content.size(), pieces) {
    for (PMDL mdl = first_; mdl != nullptr; mdl = mdl->Next) {
        std::memcpy(memory_of(mdl), content.data(), MmGetMdlByteCount(mdl));
        content.remove_prefix(MmGetMdlByteCount(mdl));
    }
}

Buffer::~Buffer() {
    while (first_ != nullptr) {
        PMDL mdl = std::exchange(first_, first_->Next);
        PVOID memory = MmGetMdlVirtualAddress(mdl);
        IoFreeMdl(mdl);
        ExFreePoolWithTag(memory, tag);
    }
}

void Buffer::append(SIZE_T length) {
    PVOID memory = ExAllocatePoolZero(NonPagedPoolNx, length, tag);
    PMDL mdl = IoAllocateMdl(memory, static_cast<ULONG>(length), FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    (first_ == nullptr ? first_ : last_->Next) = mdl;
    last_ = mdl;
}

std::string Buffer::text(SIZE_T count) const {
    return text_of(wsk(count));
}

std::string text_of(const WSK_BUF& buffer) {
    std::string text;
    SIZE_T offset = buffer.Offset;
    for (PMDL mdl = buffer.Mdl; mdl != nullptr && text.size() < buffer.Length; mdl = mdl->Next) {
        const SIZE_T part =
            std::min<SIZE_T>(MmGetMdlByteCount(mdl) - offset, buffer.Length - text.size());
        text.append(memory_of(mdl) + offset, part);
        offset = 0;
    }
    return text;
}

std::string text_of(const WSK_DATA_INDICATION* indication) {
    std::string text;
    for (; indication != nullptr; indication = indication->Next) {
        text += text_of(indication->Buffer);
    }
    return text;
}

}  // namespace owsk::scenarios
