// SPDX-License-Identifier: MIT
// Memory of a driver that a provider holds until it has completed a request: it may not be freed
// meanwhile. The blocks count that themselves, so there is no lock and no list.
#pragma once

namespace owsk::nt::ex {

// The pool block around `bytes` is lent to a request that was made at `place`. Other memory has no
// owner here: false.
bool lend(const void* bytes, const void* place) noexcept;
// One of its loans is over. Of memory that has no owner here, nothing happens.
void give_back(const void* bytes) noexcept;

}  // namespace owsk::nt::ex
