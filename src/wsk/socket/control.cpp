// SPDX-License-Identifier: MIT
// WskControlSocket: options and IOCTLs, for every category.
#include <cstring>

#include "nt/mm/foreign.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/sockaddr.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

struct ControlCall {
    ULONG code;
    ULONG level;
    SIZE_T input_size;
    PVOID input;
    SIZE_T output_size;
    PVOID output;
    SIZE_T* output_size_returned;
};

// A control operation's status and how much output it wrote, or needs room for.
struct Answer {
    NTSTATUS status;
    ULONG_PTR written = 0;
};

// What is given leads to memory. A size of 0 says that the pointer is not used.
void require_buffers(const ControlCall& call) noexcept {
    const auto require = [](const void* buffer, SIZE_T size, const char* what) {
        if (buffer != nullptr && size != 0) {
            nt::mm::require_memory(buffer, size, what, "WskControlSocket");
        }
    };
    require(call.input, call.input_size, "an InputBuffer");
    require(call.output, call.output_size, "an OutputBuffer");
    require(call.output_size_returned, sizeof(SIZE_T), "an OutputSizeReturned");
}

bool is_event_control(WSK_CONTROL_SOCKET_TYPE type, const ControlCall& call) noexcept {
    return type == WskSetOption && call.level == SOL_SOCKET && call.code == SO_WSK_EVENT_CALLBACK;
}

Answer set_option(Socket& socket, const ControlCall& call) noexcept {
    if (call.input == nullptr || call.output_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.input_size < sizeof(ULONG)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    const auto* const bytes = static_cast<const std::byte*>(call.input);
    if (const auto status = socket.set_structure(call.level, call.code, {bytes, call.input_size})) {
        return {*status};
    }
    ULONG value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return {socket.set_option(call.level, call.code, value)};
}

Answer get_option(Socket& socket, const ControlCall& call) noexcept {
    if (call.output == nullptr || call.input_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.output_size < sizeof(ULONG)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    const Result<ULONG> value = socket.get_option(call.level, call.code);
    if (!value) {
        return {value.status()};
    }
    std::memcpy(call.output, &*value, sizeof(ULONG));
    return {STATUS_SUCCESS, sizeof(ULONG)};
}

Answer query_inspect_id(Socket& socket, const ControlCall& call, bool has_irp) noexcept {
    const Result<InspectId> id = socket.inspect_id();
    if (!id) {
        return {id.status()};
    }
    if (has_irp || call.output_size_returned == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    *call.output_size_returned = sizeof(WSK_INSPECT_ID);
    if (call.output == nullptr || call.output_size < sizeof(WSK_INSPECT_ID)) {
        return {STATUS_BUFFER_OVERFLOW};
    }
    ShownInspectId(*id).write_to(call.output);
    return {STATUS_SUCCESS, sizeof(WSK_INSPECT_ID)};
}

Answer query_gate(Socket& socket, const ControlCall& call, bool has_irp) noexcept {
    const Result<OWSK_GATE> gate = socket.gate();
    if (!gate) {
        return {gate.status()};
    }
    if (!has_irp && call.output_size_returned == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.output_size_returned != nullptr) {
        *call.output_size_returned = sizeof(OWSK_GATE);
    }
    if (call.output == nullptr || call.output_size < sizeof(OWSK_GATE)) {
        return {STATUS_BUFFER_OVERFLOW, sizeof(OWSK_GATE)};
    }
    std::memcpy(call.output, &*gate, sizeof(OWSK_GATE));
    return {STATUS_SUCCESS, sizeof(OWSK_GATE)};
}

Answer query_backlog(Socket& socket,
                     const ControlCall& call,
                     bool has_irp,
                     Backlog which) noexcept {
    const Result<SIZE_T> backlog = socket.backlog(which);
    if (!backlog) {
        return {backlog.status()};
    }
    if (!has_irp || call.output == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.output_size < sizeof(SIZE_T)) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    std::memcpy(call.output, &*backlog, sizeof(SIZE_T));
    return {STATUS_SUCCESS, sizeof(SIZE_T)};
}

// What SIO_WSK_SET_... have as their input: an address, or nothing, which takes it away.
Answer fix_address(Socket& socket, const ControlCall& call, bool has_irp) noexcept {
    const bool takes_away = call.input_size == 0;
    if (!has_irp || takes_away != (call.input == nullptr) || call.output_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    const auto* const address = static_cast<const SOCKADDR*>(call.input);
    if (address != nullptr && !is_whole(*address, call.input_size)) {
        return {STATUS_INVALID_PARAMETER};
    }
    return {call.code == SIO_WSK_SET_REMOTE_ADDRESS ? socket.fix_remote(address)
                                                    : socket.fix_destination(address)};
}

Answer ioctl(Socket& socket, const ControlCall& call, bool has_irp) noexcept {
    switch (call.code) {
        case SIO_WSK_QUERY_INSPECT_ID:
            return query_inspect_id(socket, call, has_irp);
        case SIO_OWSK_QUERY_GATE:
            return query_gate(socket, call, has_irp);
        case SIO_WSK_REGISTER_EXTENSION:
            // There are no extension interfaces.
            return {STATUS_NOT_SUPPORTED};
        case SIO_WSK_QUERY_IDEAL_SEND_BACKLOG:
            return query_backlog(socket, call, has_irp, Backlog::ideal_send);
        case SIO_WSK_QUERY_RECEIVE_BACKLOG:
            return query_backlog(socket, call, has_irp, Backlog::receive);
        case SIO_WSK_SET_REMOTE_ADDRESS:
        case SIO_WSK_SET_SENDTO_ADDRESS:
            return fix_address(socket, call, has_irp);
        case SIO_WSK_SET_TCP_SILENT_MODE:
        case SIO_ADDRESS_LIST_QUERY:
        case SIO_ADDRESS_LIST_CHANGE:
            return {STATUS_NOT_IMPLEMENTED};
        default:
            return {STATUS_NOT_SUPPORTED};
    }
}

Answer control(Socket& socket,
               WSK_CONTROL_SOCKET_TYPE type,
               const ControlCall& call,
               bool has_irp) noexcept {
    const NTSTATUS health = socket.health();
    if (!NT_SUCCESS(health)) {
        return {health};
    }
    switch (type) {
        case WskSetOption:
            return has_irp ? set_option(socket, call) : Answer{STATUS_INVALID_PARAMETER};
        case WskGetOption:
            return has_irp ? get_option(socket, call) : Answer{STATUS_INVALID_PARAMETER};
        case WskIoctl:
            return ioctl(socket, call, has_irp);
        default:
            return {STATUS_INVALID_PARAMETER};
    }
}

NTSTATUS control_events(Socket& socket, const ControlCall& call, PIRP irp) noexcept {
    const Request request = irp != nullptr ? socket.begin(irp, Operation::control) : Request();
    NTSTATUS status = socket.health();
    if (NT_SUCCESS(status) &&
        (call.input == nullptr || call.input_size < sizeof(WSK_EVENT_CALLBACK_CONTROL))) {
        status = STATUS_INVALID_PARAMETER;
    }
    if (!NT_SUCCESS(status)) {
        return request ? socket.finish(request, status) : status;
    }
    const auto* control = static_cast<const WSK_EVENT_CALLBACK_CONTROL*>(call.input);
    if (control->NpiId != nullptr) {
        nt::mm::require_memory(control->NpiId, sizeof(NPIID), "an NpiId", "WskControlSocket");
    }
    return socket.control_events(*control, request);
}

}  // namespace

// WskControlSocket: set or get an option, or carry out an IOCTL.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      the IRP of a disabled callback until that callback has returned
// Completes  as documented for each option and IOCTL; Information = bytes written to OutputBuffer
// Returns    also STATUS_EVENT_PENDING, when a callback that runs is disabled without an IRP
// Docs       nc-wsk-pfn_wsk_control_socket
NTSTATUS NTAPI WskControlSocket(PWSK_SOCKET Socket,
                                WSK_CONTROL_SOCKET_TYPE RequestType,
                                ULONG ControlCode,
                                ULONG Level,
                                SIZE_T InputSize,
                                PVOID InputBuffer,
                                SIZE_T OutputSize,
                                PVOID OutputBuffer,
                                SIZE_T* OutputSizeReturned,
                                PIRP Irp) {
    wsk::Socket& socket = wsk::Socket::of(Socket);
    const ControlCall call = {
        ControlCode, Level, InputSize, InputBuffer, OutputSize, OutputBuffer, OutputSizeReturned};
    require_buffers(call);
    if (is_event_control(RequestType, call)) {
        return control_events(socket, call, Irp);
    }
    if (Irp == nullptr) {
        return control(socket, RequestType, call, false).status;
    }
    const Request request = socket.begin(Irp, Operation::control);
    const Answer answer = control(socket, RequestType, call, true);
    return socket.finish(request, answer.status, answer.written);
}

}  // namespace owsk::wsk
