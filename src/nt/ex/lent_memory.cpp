// SPDX-License-Identifier: MIT
// Loans of what is not found at first sight: in the middle of a block, or in none.
#include "nt/ex/lent_memory.h"

namespace owsk::nt::ex {

bool detail::lend_wherever(const void* bytes, const void* place) noexcept {
    PoolBlock* const block = find_block_around(bytes);
    if (block == nullptr) {
        return false;
    }
    add_loan(block, place);
    return true;
}

void detail::give_back_wherever(const void* bytes) noexcept {
    if (PoolBlock* const block = find_block_around(bytes)) {
        end_loan(block);
    }
}

}  // namespace owsk::nt::ex
