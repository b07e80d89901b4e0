// SPDX-License-Identifier: MIT
// The table of stream sockets.
#pragma once

#include <wdm.h>
#include <wsk.h>

namespace owsk::wsk {

extern const WSK_PROVIDER_STREAM_DISPATCH stream_dispatch;

}  // namespace owsk::wsk
