// SPDX-License-Identifier: MIT
// What all categories answer, and what they all check.
#include "wsk/socket/controls.h"

#include <mstcpip.h>
#include <openwsk/gate_query.h>

#include "wsk/socket/socket.h"

namespace owsk::wsk {

Answer Controls::answer(const ControlCall& call) noexcept {
    const NTSTATUS health = socket_.health();
    if (!NT_SUCCESS(health)) {
        return {health};
    }
    switch (call.type) {
        case WskSetOption:
            return call.has_irp ? set(call) : Answer{STATUS_INVALID_PARAMETER};
        case WskGetOption:
            return call.has_irp ? get(call) : Answer{STATUS_INVALID_PARAMETER};
        case WskIoctl:
            return ioctl(call);
        default:
            return {STATUS_INVALID_PARAMETER};
    }
}

Answer Controls::set(const ControlCall& call) noexcept {
    if (call.input == nullptr || call.output_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.input_size < sizeof(ULONG)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    return {set_option(
        call.level, call.code, {static_cast<const std::byte*>(call.input), call.input_size})};
}

Answer Controls::get(const ControlCall& call) noexcept {
    if (call.output == nullptr || call.input_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.output_size < sizeof(ULONG)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    const Result<ULONG> value = get_option(call.level, call.code);
    return value ? answer_with(call, *value) : Answer{value.status()};
}

NTSTATUS Controls::set_option(ULONG, ULONG, std::span<const std::byte>) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Result<ULONG> Controls::get_option(ULONG, ULONG) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Answer Controls::ioctl(const ControlCall& call) noexcept {
    switch (call.code) {
        case SIO_WSK_REGISTER_EXTENSION:
            // There are no extension interfaces.
            return {STATUS_NOT_SUPPORTED};
        case SIO_WSK_QUERY_INSPECT_ID:
        case SIO_OWSK_QUERY_GATE:
        case SIO_WSK_QUERY_IDEAL_SEND_BACKLOG:
        case SIO_WSK_QUERY_RECEIVE_BACKLOG:
        case SIO_WSK_SET_REMOTE_ADDRESS:
        case SIO_WSK_SET_SENDTO_ADDRESS:
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS:
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT:
        case SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS:
            return {STATUS_INVALID_DEVICE_REQUEST};
        case SIO_WSK_SET_TCP_SILENT_MODE:
        case SIO_ADDRESS_LIST_QUERY:
        case SIO_ADDRESS_LIST_CHANGE:
            return {STATUS_NOT_IMPLEMENTED};
        default:
            return {STATUS_NOT_SUPPORTED};
    }
}

}  // namespace owsk::wsk
