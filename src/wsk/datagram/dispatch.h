// SPDX-License-Identifier: MIT
// The table of functions of a datagram socket.
#pragma once

#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_DATAGRAM_DISPATCH datagram_dispatch;

}  // namespace owsk::wsk
