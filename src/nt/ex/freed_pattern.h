// SPDX-License-Identifier: MIT
// What freed memory holds as long as it is kept, and whether it still does. Every block is filled
// and compared once in its life, which is most of what freeing costs.
#pragma once

#include <ntdef.h>

#include <optional>

namespace owsk::nt::ex {

// Fills freed bytes that nobody is to write to. Not for the address sanitizer, which knows by
// itself.
void fill_freed(void* bytes, SIZE_T count) noexcept;
// The offset of the first one that is not as it was.
std::optional<SIZE_T> written_after_free(const void* bytes, SIZE_T count) noexcept;

}  // namespace owsk::nt::ex
