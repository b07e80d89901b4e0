// SPDX-License-Identifier: MIT
// Whatever a WSK_BUF and its chain of MDLs say: one that keeps the rules names exactly the bytes
// that counting them one by one gives, over as many calls of the network as it takes.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "base/assert.h"
#include "nt/ke/bug_check.h"
#include "nt/mm/foreign.h"
#include "wsk/memory/transfer.h"

// What complains about drivers is not asked here, and the executive behind it need not be there.
namespace owsk {

void nt::mm::refuse_wild_pointer(const void*, const char*, const char*) noexcept {
    assertion_failed("a pointer leads to memory", __FILE__, __LINE__);
}
void nt::ke::broken_rule(Rule, const std::string&, ULONG_PTR, const Stack*, const char*) noexcept {
    assertion_failed("the rules are kept", __FILE__, __LINE__);
}

}  // namespace owsk

namespace owsk::wsk {
namespace {

// A chain of MDLs on memory of their own, of these lengths.
class Chain {
  public:
    explicit Chain(std::span<const std::uint8_t> lengths) : mdls_(lengths.size()) {
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            memory_.push_back(std::make_unique<std::byte[]>(lengths[i]));
            mdls_[i].ByteCount = lengths[i];
            mdls_[i].StartVa = memory_[i].get();
            mdls_[i].Next = i + 1 < lengths.size() ? &mdls_[i + 1] : nullptr;
        }
    }
    PMDL first() { return mdls_.empty() ? nullptr : mdls_.data(); }

    // Where each of its bytes lies.
    std::vector<const std::byte*> places() const {
        std::vector<const std::byte*> all;
        for (std::size_t i = 0; i < mdls_.size(); ++i) {
            all.resize(all.size() + mdls_[i].ByteCount);
            std::iota(all.end() - mdls_[i].ByteCount, all.end(), memory_[i].get());
        }
        return all;
    }

  private:
    std::vector<MDL> mdls_;
    std::vector<std::unique_ptr<std::byte[]>> memory_;
};

// By the sentences of the documentation.
bool keeps_the_rules(const WSK_BUF& buffer, std::size_t room) {
    if (buffer.Length == 0) {
        return true;
    }
    return buffer.Mdl != nullptr && buffer.Offset <= buffer.Mdl->ByteCount &&
           buffer.Offset + buffer.Length <= room;
}

// A network that takes `step` bytes of each call, or all of them.
std::vector<const std::byte*> transferred(const WSK_BUF& buffer, std::size_t step) {
    std::vector<const std::byte*> taken;
    TransferParameters transfer = TransferParameters::from(buffer, 0);
    while (transfer.done < transfer.length) {
        const Slices slices(transfer);
        std::size_t left = std::min(step, slices.bytes());
        std::size_t counted = 0;
        OWSK_ASSERT(left != 0);
        for (const net::Slice& slice : slices.get()) {
            OWSK_ASSERT(slice.length != 0);
            const std::size_t part = std::min(left, slice.length);
            taken.resize(taken.size() + part);
            std::iota(taken.end() - static_cast<std::ptrdiff_t>(part),
                      taken.end(),
                      static_cast<const std::byte*>(slice.base));
            left -= part;
            counted += slice.length;
        }
        OWSK_ASSERT(counted == slices.bytes());
        OWSK_ASSERT(transfer.done + counted <= transfer.length);
        transfer.done += std::min(step, slices.bytes());
    }
    return taken;
}

void check(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t front = 5;
    if (size < front) {
        return;
    }
    Chain chain({data + front, size - front});
    const std::vector<const std::byte*> places = chain.places();
    const WSK_BUF buffer = {chain.first(), data[0], data[1] + SIZE_T{data[2]} * 256};
    OWSK_ASSERT(is_well_formed(buffer) == keeps_the_rules(buffer, places.size()));
    if (is_well_formed(buffer)) {
        const std::size_t step = 1 + data[3] + std::size_t{data[4]} * 256;
        const auto first = places.begin() + (buffer.Length == 0 ? 0 : buffer.Offset);
        const auto taken = transferred(buffer, step);
        OWSK_ASSERT(taken.size() == buffer.Length);
        OWSK_ASSERT(std::equal(taken.begin(), taken.end(), first));
    }
}

}  // namespace
}  // namespace owsk::wsk

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::wsk::check(data, size);
    return 0;
}
