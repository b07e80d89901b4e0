// SPDX-License-Identifier: MIT
// The table of datagram sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_DATAGRAM_DISPATCH datagram_dispatch;

}  // namespace owsk::wsk
