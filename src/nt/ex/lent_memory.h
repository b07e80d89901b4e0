// SPDX-License-Identifier: MIT
// Memory of a driver that a provider holds until it has completed a request: it may not be freed
// meanwhile. The blocks count that themselves, so there is no lock and no list.
#pragma once

#include "nt/ex/pool_block.h"

namespace owsk::nt::ex {

namespace detail {
bool lend_wherever(const void* bytes, const void* place) noexcept;
void give_back_wherever(const void* bytes) noexcept;
}  // namespace detail

// The pool block around `bytes` is lent to a request that was made at `place`. Other memory has no
// owner here: false.
inline bool lend(const void* bytes, const void* place) noexcept {
    // Most blocks are lent by their beginning.
    PoolBlock* const block = detail::known_block_at(bytes);
    if (block == nullptr) [[unlikely]] {
        return detail::lend_wherever(bytes, place);
    }
    add_loan(block, place);
    return true;
}

// One of its loans is over. Of memory that has no owner here, nothing happens.
inline void give_back(const void* bytes) noexcept {
    PoolBlock* const block = detail::known_block_at(bytes);
    if (block == nullptr) [[unlikely]] {
        detail::give_back_wherever(bytes);
    } else {
        end_loan(block);
    }
}

}  // namespace owsk::nt::ex
