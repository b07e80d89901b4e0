// SPDX-License-Identifier: MIT
// The functions that make requests, by name.
#include "wsk/request/operation.h"

namespace owsk::wsk {

const char* function_of(Operation operation) noexcept {
    switch (operation) {
        case Operation::control:
            return "WskControlSocket";
        case Operation::query_address:
            return "WskGetLocalAddress or WskGetRemoteAddress";
        case Operation::inspect:
            return "WskInspectComplete";
        case Operation::create:
            return "WskSocket";
        case Operation::get_address_info:
            return "WskGetAddressInfo";
        case Operation::get_name_info:
            return "WskGetNameInfo";
        case Operation::bind:
            return "WskBind";
        case Operation::listen:
            return "WskListen";
        case Operation::connect:
            return "WskConnect or WskConnectEx";
        case Operation::socket_connect:
            return "WskSocketConnect";
        case Operation::accept:
            return "WskAccept";
        case Operation::send:
            return "WskSend";
        case Operation::receive:
            return "WskReceive";
        case Operation::send_to:
            return "WskSendTo";
        case Operation::send_messages:
            return "WskSendMessages";
        case Operation::receive_from:
            return "WskReceiveFrom";
        case Operation::disconnect:
            return "WskDisconnect";
        case Operation::close:
            return "WskCloseSocket";
    }
    return "a WSK function";
}

}  // namespace owsk::wsk
