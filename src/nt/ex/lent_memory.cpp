// SPDX-License-Identifier: MIT
// Loans of pool blocks.
#include "nt/ex/lent_memory.h"

#include "nt/ex/pool_block.h"

namespace owsk::nt::ex {

bool lend(const void* bytes, const void* place) noexcept {
    PoolBlock* const block = block_around(bytes);
    if (block == nullptr) {
        return false;
    }
    add_loan(block, place);
    return true;
}

void give_back(const void* bytes) noexcept {
    if (PoolBlock* const block = block_around(bytes)) {
        end_loan(block);
    }
}

}  // namespace owsk::nt::ex
