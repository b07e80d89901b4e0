// SPDX-License-Identifier: MIT
// SIO_ADDRESS_LIST_QUERY, for every category.
#pragma once

#include "wsk/services.h"
#include "wsk/socket/controls.h"

namespace owsk::wsk {

// The addresses of this computer that a socket of `family` can be bound to.
Answer query_addresses(Services& services, Family family, const ControlCall& call) noexcept;

}  // namespace owsk::wsk
