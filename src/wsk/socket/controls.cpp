// SPDX-License-Identifier: MIT
// What all categories answer, and what they all check.
#include "wsk/socket/controls.h"

#include <mstcpip.h>
#include <openwsk/gate_query.h>

#include "nt/mm/foreign.h"
#include "wsk/socket/address_changes.h"
#include "wsk/socket/address_list_control.h"
#include "wsk/socket/extensions.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

Answer Controls::answer(const ControlCall& call) noexcept {
    const NTSTATUS health = socket_.health();
    if (!NT_SUCCESS(health)) {
        return {health};
    }
    switch (call.type) {
        case WskSetOption:
            return call.has_irp() ? set(call) : Answer{STATUS_INVALID_PARAMETER};
        case WskGetOption:
            return call.has_irp() ? get(call) : Answer{STATUS_INVALID_PARAMETER};
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
    if (call.is_option(SOL_SOCKET, SO_WSK_SECURITY)) {
        return set_security(call);
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
    if (call.is_option(SOL_SOCKET, SO_WSK_SECURITY)) {
        return get_security(call);
    }
    const Result<ULONG> value = get_option(call.level, call.code);
    return value ? answer_with(call, *value) : Answer{value.status()};
}

Answer Controls::set_security(const ControlCall& call) noexcept {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (call.input_size < sizeof descriptor) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    std::memcpy(&descriptor, call.input, sizeof descriptor);
    return {set_descriptor(socket_.services().descriptors().find(
        descriptor, "WskControlSocket with SO_WSK_SECURITY"))};
}

Answer Controls::get_security(const ControlCall& call) noexcept {
    if (call.output_size < sizeof(PSECURITY_DESCRIPTOR)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    const Result<DescriptorRef> descriptor = get_descriptor();
    if (!descriptor) {
        return {descriptor.status()};
    }
    const PSECURITY_DESCRIPTOR shown = socket_.services().faults().strikes(Fault::descriptor_memory)
                                           ? nullptr
                                           : socket_.services().descriptors().hand_out(
                                                 *descriptor, nt::ke::CallPlace::here(call.frame));
    return shown != nullptr ? answer_with(call, shown) : Answer{STATUS_INSUFFICIENT_RESOURCES};
}

NTSTATUS Controls::set_descriptor(DescriptorRef) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Result<DescriptorRef> Controls::get_descriptor() noexcept {
    return STATUS_NOT_SUPPORTED;
}

NTSTATUS Controls::set_option(ULONG, ULONG, std::span<const std::byte>) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Result<ULONG> Controls::get_option(ULONG, ULONG) noexcept {
    return STATUS_NOT_SUPPORTED;
}

Answer Controls::await_address_change(const ControlCall& call) noexcept {
    if (!call.has_irp() || call.has_input() || call.has_output()) {
        return {STATUS_INVALID_PARAMETER};
    }
    return {socket_.services().address_changes().wait(socket_, family(), call.request)};
}

Answer Controls::register_extension(const ControlCall& call) noexcept {
    WSK_EXTENSION_CONTROL_IN client;
    WSK_EXTENSION_CONTROL_OUT provider = {};
    if (call.has_irp() || call.input == nullptr || call.output == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.input_size < sizeof client || call.output_size < sizeof provider) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    std::memcpy(&client, call.input, sizeof client);
    if (client.NpiId == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    nt::mm::require_memory(client.NpiId, sizeof(NPIID), "an NpiId", "WskControlSocket");
    const NTSTATUS status =
        socket_.services().extensions().register_socket(socket_.api(), client, provider);
    if (NT_SUCCESS(status)) {
        std::memcpy(call.output, &provider, sizeof provider);
    }
    return {status};
}

Answer Controls::ioctl(const ControlCall& call) noexcept {
    switch (call.code) {
        case SIO_WSK_REGISTER_EXTENSION:
            return register_extension(call);
        case SIO_ADDRESS_LIST_QUERY:
            return query_addresses(socket_.services(), family(), call);
        case SIO_ADDRESS_LIST_CHANGE:
            return await_address_change(call);
        case SIO_WSK_QUERY_INSPECT_ID:
        case SIO_OWSK_QUERY_GATE:
        case SIO_WSK_QUERY_IDEAL_SEND_BACKLOG:
        case SIO_WSK_QUERY_RECEIVE_BACKLOG:
        case SIO_WSK_SET_TCP_SILENT_MODE:
        case SIO_WSK_SET_REMOTE_ADDRESS:
        case SIO_WSK_SET_SENDTO_ADDRESS:
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS:
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT:
        case SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS:
            return {STATUS_INVALID_DEVICE_REQUEST};
        default:
            return {STATUS_NOT_SUPPORTED};
    }
}

}  // namespace owsk::wsk
