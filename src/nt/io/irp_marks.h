// SPDX-License-Identifier: MIT
// Bits of IRP.AllocationFlags. Windows uses the lower half of the byte.
#pragma once

namespace owsk::nt::io {

constexpr unsigned allocated_mark = 0x40;  // made by IoAllocateIrp
constexpr unsigned held_mark = 0x80;       // a provider holds it

}  // namespace owsk::nt::io
