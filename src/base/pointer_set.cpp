// SPDX-License-Identifier: MIT
// How a set of addresses changes while others ask.
#include "base/pointer_set.h"

#include "base/assert.h"

namespace owsk {

namespace {

constexpr unsigned first_bits = 6;

}  // namespace

PointerSet::Table::Table(unsigned bits)
    : shift(64 - bits),
      mask((std::size_t{1} << bits) - 1),
      slots(std::make_unique<std::atomic<std::uintptr_t>[]>(mask + 1)) {}

void PointerSet::Table::put(std::uintptr_t key) noexcept {
    std::size_t i = home_of(key);
    while (slots[i].load(std::memory_order_relaxed) != 0) {
        i = (i + 1) & mask;
    }
    slots[i].store(key, std::memory_order_release);
}

PointerSet::PointerSet() {
    tables_.push_back(std::make_unique<Table>(first_bits));
    current_.store(tables_.back().get(), std::memory_order_release);
}

void PointerSet::insert(const void* pointer) {
    Table* table = tables_.back().get();
    if (2 * ++count_ > table->mask + 1) {
        tables_.push_back(std::make_unique<Table>(64 - table->shift + 1));
        Table* const larger = tables_.back().get();
        for (std::size_t i = 0; i <= table->mask; ++i) {
            if (const std::uintptr_t key = table->slots[i].load(std::memory_order_relaxed)) {
                larger->put(key);
            }
        }
        current_.store(larger, std::memory_order_release);
        // What is erased from now on must not be found in the old one.
        for (std::size_t i = 0; i <= table->mask; ++i) {
            table->slots[i].store(0, std::memory_order_release);
        }
        table = larger;
    }
    table->put(reinterpret_cast<std::uintptr_t>(pointer));
}

void PointerSet::erase(const void* pointer) noexcept {
    Table& table = *tables_.back();
    const auto key = reinterpret_cast<std::uintptr_t>(pointer);
    std::size_t hole = table.home_of(key);
    while (table.slots[hole].load(std::memory_order_relaxed) != key) {
        OWSK_ASSERT(table.slots[hole].load(std::memory_order_relaxed) != 0);
        hole = (hole + 1) & table.mask;
    }
    --count_;
    // What was put behind it because its own place was taken moves up: a search ends at the first
    // free slot.
    for (std::size_t i = (hole + 1) & table.mask;; i = (i + 1) & table.mask) {
        const std::uintptr_t next = table.slots[i].load(std::memory_order_relaxed);
        if (next == 0) {
            break;
        }
        const std::size_t away = (i - table.home_of(next)) & table.mask;
        if (away >= ((i - hole) & table.mask)) {
            table.slots[hole].store(next, std::memory_order_release);
            hole = i;
        }
    }
    table.slots[hole].store(0, std::memory_order_release);
}

}  // namespace owsk
