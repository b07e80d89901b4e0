// SPDX-License-Identifier: MIT
// The table of client-level functions.
#include "wsk/provider/provider_npi.h"

namespace owsk::wsk {

const WSK_PROVIDER_DISPATCH provider_dispatch = {
    .Version = MAKE_WSK_VERSION(1, 1),
    .Reserved = 0,
    .WskSocket = WskSocket,
    .WskSocketConnect = WskSocketConnect,
    .WskControlClient = WskControlClient,
    .WskGetAddressInfo = WskGetAddressInfo,
    .WskFreeAddressInfo = WskFreeAddressInfo,
    .WskGetNameInfo = WskGetNameInfo,
};

}  // namespace owsk::wsk
