// SPDX-License-Identifier: MIT
// ProcessSlot: a small number that no other process of this network namespace has. Queues and
// rules are named after it. It ends with the process, however that ends: what is left under a
// number that can be claimed belongs to the dead.
#pragma once

#include <optional>
#include <utility>

#include "host/linux/unique_fd.h"

namespace owsk::net {

class ProcessSlot {
  public:
    static constexpr unsigned count = 64;

    // The lowest free number below `count`, or none when all are taken.
    static std::optional<ProcessSlot> claim() noexcept;
    // Number `number`, unless somebody has it.
    static std::optional<ProcessSlot> claim(unsigned number) noexcept;

    // Calls visit(unsigned) for each number that is free, and holds the number meanwhile.
    template <typename Visit>
    static void for_each_free(Visit visit) noexcept {
        for (unsigned number = 0; number < count; ++number) {
            if (const std::optional<ProcessSlot> slot = claim(number)) {
                visit(number);
            }
        }
    }

    unsigned number() const noexcept { return number_; }

  private:
    ProcessSlot(host::UniqueFd fd, unsigned number) noexcept
        : fd_(std::move(fd)), number_(number) {}

    host::UniqueFd fd_;
    unsigned number_;
};

}  // namespace owsk::net
