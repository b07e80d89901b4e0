// SPDX-License-Identifier: MIT
// The table of client-level functions.
#include "wsk/registration/provider_npi.h"

#include "wsk/provider.h"
#include "wsk/socket/not_implemented.h"

namespace owsk::wsk {

namespace {

VOID NTAPI free_address_info(PWSK_CLIENT, PADDRINFOEXW) noexcept {
    // WskGetAddressInfo makes no lists yet, so there is none to free.
}

}  // namespace

const WSK_PROVIDER_DISPATCH provider_dispatch = {
    .Version = MAKE_WSK_VERSION(1, 1),
    .Reserved = 0,
    .WskSocket = WskSocket,
    .WskSocketConnect = not_implemented<PFN_WSK_SOCKET_CONNECT>,
    .WskControlClient = WskControlClient,
    .WskGetAddressInfo = not_implemented<PFN_WSK_GET_ADDRESS_INFO>,
    .WskFreeAddressInfo = free_address_info,
    .WskGetNameInfo = not_implemented<PFN_WSK_GET_NAME_INFO>,
};

}  // namespace owsk::wsk
