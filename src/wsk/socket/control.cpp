// SPDX-License-Identifier: MIT
// WskControlSocket, for every category.
#include <mstcpip.h>

#include "nt/ke/irql.h"
#include "nt/mm/foreign.h"
#include "wsk/socket/controls.h"
#include "wsk/socket/functions.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

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

// What is documented for PASSIVE_LEVEL only.
void require_irql(const ControlCall& call) noexcept {
    if (call.type != WskIoctl) {
        return;
    }
    switch (call.code) {
        case SIO_ADDRESS_LIST_QUERY:
        case SIO_ADDRESS_LIST_CHANGE:
        case SIO_ADDRESS_LIST_SORT:
            nt::ke::require_irql_at_most(PASSIVE_LEVEL,
                                         "WskControlSocket with SIO_ADDRESS_LIST_...");
            break;
        case SIO_LOOPBACK_FAST_PATH:
            nt::ke::require_irql_at_most(PASSIVE_LEVEL,
                                         "WskControlSocket with SIO_LOOPBACK_FAST_PATH");
            break;
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS:
        case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT:
        case SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS:
            nt::ke::require_irql_at_most(PASSIVE_LEVEL,
                                         "WskControlSocket with SIO_..._REDIRECT_...");
            break;
        default:
            break;
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
// IRQL       <= DISPATCH_LEVEL; PASSIVE_LEVEL for SIO_ADDRESS_LIST_..., SIO_LOOPBACK_FAST_PATH and
//            SIO_..._WFP_CONNECTION_REDIRECT_...
// Keeps      the IRP of a disabled callback until that callback has returned, and that of
//            SIO_ADDRESS_LIST_CHANGE until an address comes or goes
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
    ControlCall call = {RequestType,
                        ControlCode,
                        Level,
                        InputSize,
                        InputBuffer,
                        OutputSize,
                        OutputBuffer,
                        OutputSizeReturned,
                        {},
                        __builtin_frame_address(0)};
    require_irql(call);
    require_buffers(call);
    if (RequestType == WskSetOption && call.is_option(SOL_SOCKET, SO_WSK_EVENT_CALLBACK)) {
        return control_events(socket, call, Irp);
    }
    if (Irp == nullptr) {
        return socket.control(call).status;
    }
    call.request = socket.begin(Irp, Operation::control);
    const Answer answer = socket.control(call);
    return answer.status == STATUS_PENDING
               ? STATUS_PENDING
               : socket.finish(call.request, answer.status, answer.written);
}

}  // namespace owsk::wsk
