// SPDX-License-Identifier: MIT
// Datagram sockets can be made and closed; their operations are not built yet.
#include "wsk/datagram/dispatch.h"

#include "wsk/socket/functions.h"
#include "wsk/socket/not_implemented.h"

namespace owsk::wsk {

namespace {

NTSTATUS NTAPI release_datagrams(PWSK_SOCKET, PWSK_DATAGRAM_INDICATION) noexcept {
    // No datagram is ever indicated yet, so none can be retained.
    return STATUS_INVALID_PARAMETER;
}

}  // namespace

const WSK_PROVIDER_DATAGRAM_DISPATCH datagram_dispatch = {
    .Basic = basic_functions,
    .WskBind = not_implemented<PFN_WSK_BIND>,
    .WskSendTo = not_implemented<PFN_WSK_SEND_TO>,
    .WskReceiveFrom = not_implemented<PFN_WSK_RECEIVE_FROM>,
    .WskRelease = release_datagrams,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskSendMessages = not_implemented<PFN_WSK_SEND_MESSAGES>,
};

}  // namespace owsk::wsk
