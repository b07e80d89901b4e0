// SPDX-License-Identifier: MIT
// The table of connection-oriented sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_CONNECTION_DISPATCH connection_dispatch;

}  // namespace owsk::wsk
