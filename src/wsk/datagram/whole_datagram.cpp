// SPDX-License-Identifier: MIT
// Copying, for chains of very many MDLs.
#include "wsk/datagram/whole_datagram.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace owsk::wsk {

WholeDatagram::WholeDatagram(const WSK_BUF& buffer) noexcept
    : buffer_(buffer), slices_(TransferParameters::from(buffer, 0)) {
    if (slices_.bytes() != buffer.Length) {
        copy_.reset(new (std::nothrow) std::byte[buffer.Length]);
        whole_ = {copy_.get(), buffer.Length};
    }
}

template <typename Visit>
void WholeDatagram::visit_pieces(SIZE_T count, Visit visit) noexcept {
    TransferParameters transfer = TransferParameters::from(buffer_, 0);
    while (transfer.done < count) {
        const Slices slices(transfer);
        for (const net::Slice& slice : slices.get()) {
            const SIZE_T length = std::min<SIZE_T>(slice.length, count - transfer.done);
            visit(slice.base, copy_.get() + transfer.done, length);
            transfer.done += length;
        }
    }
}

void WholeDatagram::gather() noexcept {
    if (copy_ != nullptr) {
        visit_pieces(buffer_.Length, [](const void* piece, std::byte* copy, SIZE_T length) {
            std::memcpy(copy, piece, length);
        });
    }
}

void WholeDatagram::scatter(SIZE_T count) noexcept {
    if (copy_ != nullptr) {
        visit_pieces(count, [](void* piece, const std::byte* copy, SIZE_T length) {
            std::memcpy(piece, copy, length);
        });
    }
}

}  // namespace owsk::wsk
