// SPDX-License-Identifier: MIT
// Operation: what a driver has asked for with an IRP.
#pragma once

#include <wdm.h>

namespace owsk::wsk {

enum class Operation : UCHAR {
    control = 1,
    query_address,
    inspect,
    create,
    get_address_info,
    get_name_info,
    bind,
    listen,
    connect,
    socket_connect,
    accept,
    send,
    receive,
    send_to,
    send_messages,
    receive_from,
    disconnect,
    close,
};

// "WskSend", for reports.
const char* function_of(Operation operation) noexcept;

}  // namespace owsk::wsk
