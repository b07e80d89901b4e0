// SPDX-License-Identifier: MIT
// Copying, for chains of very many MDLs.
#include "wsk/datagram/whole_datagram.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace owsk::wsk {

namespace {

TransferParameters without_first(const WSK_BUF& buffer, SIZE_T skip) noexcept {
    TransferParameters rest = TransferParameters::from(buffer, 0);
    rest.done = skip;
    return rest;
}

}  // namespace

WholeDatagram::WholeDatagram(const WSK_BUF& buffer, SIZE_T skip) noexcept
    : rest_(without_first(buffer, skip)), slices_(rest_) {
    if (slices_.bytes() != length()) {
        copy_.reset(new (std::nothrow) std::byte[length()]);
        whole_ = {copy_.get(), length()};
    }
}

template <typename Visit>
void WholeDatagram::visit_pieces(SIZE_T count, Visit visit) noexcept {
    TransferParameters transfer = rest_;
    const SIZE_T end = rest_.done + count;
    while (transfer.done < end) {
        const Slices slices(transfer);
        for (const net::Slice& slice : slices.get()) {
            const SIZE_T length = std::min<SIZE_T>(slice.length, end - transfer.done);
            visit(slice.base, copy_.get() + (transfer.done - rest_.done), length);
            transfer.done += length;
        }
    }
}

void WholeDatagram::gather() noexcept {
    if (copy_ != nullptr) {
        visit_pieces(length(), [](const void* piece, std::byte* copy, SIZE_T length) {
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
