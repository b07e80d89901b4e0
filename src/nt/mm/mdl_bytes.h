// SPDX-License-Identifier: MIT
// Where the bytes of an MDL are. There is one address space, so they are where the driver had them
// when it built the MDL, whether or not the MDL is locked or mapped right now.
#pragma once

#include <wdm.h>

#include <cstddef>

namespace owsk::nt::mm {

inline std::byte* mdl_data(const MDL* mdl) noexcept {
    return static_cast<std::byte*>(mdl->StartVa) + mdl->ByteOffset;
}

// Whether its pages stay: locked ones, nonpaged pool, or a part of another MDL that has them.
inline bool has_pages(const MDL* mdl) noexcept {
    return (mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL)) != 0;
}

// "Physical" page numbers behind an MDL: here, those of the virtual addresses.
void fill_page_numbers(PMDL mdl) noexcept;

}  // namespace owsk::nt::mm
