// SPDX-License-Identifier: MIT
// The table of listening sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_LISTEN_DISPATCH listen_dispatch;

}  // namespace owsk::wsk
