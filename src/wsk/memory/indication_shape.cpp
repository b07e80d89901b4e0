// SPDX-License-Identifier: MIT
// Cutting the bytes of an indication. Nothing is moved: MDLs overlap where an Offset begins.
#include "wsk/memory/indication_shape.h"

#include <algorithm>
#include <iterator>
#include <new>

#include "base/prng.h"

namespace owsk::wsk {

namespace {

// Lengths of `count` parts of `length` bytes, each at least 1. Precondition: count <= length.
template <SIZE_T max>
std::array<SIZE_T, max> cut(SIZE_T length, SIZE_T count, Prng& prng) noexcept {
    std::array<SIZE_T, max> lengths = {};
    for (SIZE_T i = 0; i + 1 < count; ++i) {
        lengths[i] = 1 + static_cast<SIZE_T>(prng.below(length - (count - i - 1)));
        length -= lengths[i];
    }
    lengths[count - 1] = length;
    return lengths;
}

class Shaper {
  public:
    explicit Shaper(IndicationShape& shape) noexcept : shape_(shape) {}

    // A chain of some MDLs, the first of which begins some bytes before the data.
    WSK_BUF chain(std::byte* data, SIZE_T length, Prng& prng) noexcept {
        const SIZE_T count = 1 + prng.below(std::min(length, IndicationShape::pieces_max));
        const auto lengths = cut<IndicationShape::pieces_max>(length, count, prng);
        const ULONG offset = 1 + static_cast<ULONG>(prng.below(Indication::before_max));
        const PMDL first = piece(data - offset, lengths[0] + offset);
        PMDL last = first;
        data += lengths[0];
        for (SIZE_T i = 1; i < count; ++i) {
            last->Next = piece(data, lengths[i]);
            last = last->Next;
            data += lengths[i];
        }
        return {first, offset, length};
    }
    WSK_BUF plain(std::byte* data, SIZE_T length) noexcept {
        return {piece(data, length), 0, length};
    }

  private:
    PMDL piece(std::byte* bytes, SIZE_T length) noexcept {
        PMDL mdl = &shape_.pieces[used_++].mdl;
        MmInitializeMdl(mdl, bytes, length);
        MmBuildMdlForNonPagedPool(mdl);
        return mdl;
    }

    IndicationShape& shape_;
    SIZE_T used_ = 0;
};

// Null without memory.
IndicationShape* give_shape(Indication& indication) noexcept {
    indication.shape = new (std::nothrow) IndicationShape{};
    if (indication.shape != nullptr) {
        std::fill_n(indication.data - Indication::before_max, Indication::before_max, std::byte{});
    }
    return indication.shape;
}

}  // namespace

void reshape(DataIndication& indication,
             SIZE_T offset,
             std::optional<std::uint64_t> list,
             std::optional<std::uint64_t> chain) noexcept {
    IndicationShape* const shape = give_shape(indication);
    if (shape == nullptr) {
        return;
    }
    Prng list_prng(list.value_or(0));
    Prng chain_prng(chain.value_or(0));
    const SIZE_T most = std::min(indication.shown, IndicationShape::parts_max);
    const SIZE_T count = list.has_value() && most > 1 ? 2 + list_prng.below(most - 1) : 1;
    const auto lengths = cut<IndicationShape::parts_max>(indication.shown, count, list_prng);
    std::byte* data = indication.data + offset;
    Shaper shaper(*shape);
    WSK_DATA_INDICATION* part = &indication.api;
    for (SIZE_T i = 0; i < count; ++i) {
        part->Buffer = chain.has_value() ? shaper.chain(data, lengths[i], chain_prng)
                                         : shaper.plain(data, lengths[i]);
        part->Next = i + 1 < count ? &shape->parts[i] : nullptr;
        part = part->Next;
        data += lengths[i];
    }
}

void reshape(DatagramIndication& indication, std::uint64_t chain) noexcept {
    if (indication.length == 0) {
        return;
    }
    if (IndicationShape* const shape = give_shape(indication)) {
        Prng prng(chain);
        indication.api.Buffer = Shaper(*shape).chain(indication.data, indication.length, prng);
    }
}

}  // namespace owsk::wsk
