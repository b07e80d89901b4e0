// SPDX-License-Identifier: MIT
// Stream sockets can be made and closed; their operations are not built yet.
#include "wsk/stream/dispatch.h"

#include "wsk/socket/functions.h"
#include "wsk/socket/not_implemented.h"

namespace owsk::wsk {

namespace {

NTSTATUS NTAPI release_data(PWSK_SOCKET, PWSK_DATA_INDICATION) noexcept {
    // No data is ever indicated on a stream socket yet, so none can be retained.
    return STATUS_INVALID_PARAMETER;
}

}  // namespace

const WSK_PROVIDER_STREAM_DISPATCH stream_dispatch = {
    .Basic = basic_functions,
    .WskBind = not_implemented<PFN_WSK_BIND>,
    .WskAccept = not_implemented<PFN_WSK_ACCEPT>,
    .WskConnect = not_implemented<PFN_WSK_CONNECT>,
    .WskListen = not_implemented<PFN_WSK_LISTEN>,
    .WskSend = not_implemented<PFN_WSK_SEND>,
    .WskReceive = not_implemented<PFN_WSK_RECEIVE>,
    .WskDisconnect = not_implemented<PFN_WSK_DISCONNECT>,
    .WskRelease = release_data,
    .WskGetLocalAddress = WskGetLocalAddress,
    .WskGetRemoteAddress = WskGetRemoteAddress,
    .WskConnectEx = not_implemented<PFN_WSK_CONNECT_EX>,
    .WskSendEx = not_implemented<PFN_WSK_SEND_EX>,
    .WskReceiveEx = not_implemented<PFN_WSK_RECEIVE_EX>,
};

}  // namespace owsk::wsk
