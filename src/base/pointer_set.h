// SPDX-License-Identifier: MIT
// PointerSet: addresses that are asked for far more often than they change. Asking takes no lock
// and never looks behind the address, so it may be any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace owsk {

class PointerSet {
  public:
    PointerSet();
    PointerSet(const PointerSet&) = delete;
    PointerSet& operator=(const PointerSet&) = delete;

    // True: the address was in the set a moment ago. False may also mean that it was just being
    // moved; whoever needs to know asks again under the lock that guards insert() and erase().
    bool seems_to_hold(const void* pointer) const noexcept {
        const Table& table = *current_.load(std::memory_order_acquire);
        const auto key = reinterpret_cast<std::uintptr_t>(pointer);
        for (std::size_t i = table.home_of(key);; i = (i + 1) & table.mask) {
            const std::uintptr_t found = table.slots[i].load(std::memory_order_acquire);
            if (found == key) {
                return key != 0;
            }
            if (found == 0) {
                return false;
            }
        }
    }

    // One at a time; the address is none that the set holds, or one that it does.
    void insert(const void* pointer);
    void erase(const void* pointer) noexcept;

  private:
    struct Table {
        explicit Table(unsigned bits);

        // Objects are aligned to 16: the lowest bits say nothing.
        std::size_t home_of(std::uintptr_t key) const noexcept {
            return static_cast<std::size_t>(((key >> 4) * 0x9E3779B97F4A7C15U) >> shift);
        }
        void put(std::uintptr_t key) noexcept;

        const unsigned shift;
        const std::size_t mask;
        // Open addressing, always with room: at most half of the slots are taken.
        const std::unique_ptr<std::atomic<std::uintptr_t>[]> slots;
    };

    std::atomic<const Table*> current_;
    std::size_t count_ = 0;
    // The last one is in use. Somebody may still be looking into the others, which together are not
    // larger than the last.
    std::vector<std::unique_ptr<Table>> tables_;
};

}  // namespace owsk
