// SPDX-License-Identifier: MIT
// Which messages of DbgPrintEx are shown.
#pragma once

#include <ntdef.h>

namespace owsk::nt::dbg {

// Everything that a driver says (the IHV components and DPFLTR_DEFAULT_ID), at any level: somebody
// who runs a driver here has no registry to turn messages on in, and wants to hear them. Of the
// components of Windows itself only errors and warnings. `level` is a level or, from 32 on, a mask
// of levels.
bool is_shown(ULONG component, ULONG level) noexcept;

}  // namespace owsk::nt::dbg
