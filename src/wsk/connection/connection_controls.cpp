// SPDX-License-Identifier: MIT
// WskControlSocket on a connection-oriented socket, or on a stream socket.
#include <mstcpip.h>

#include "wsk/connection/connection_socket.h"
#include "wsk/socket/tcp_controls.h"

namespace owsk::wsk {

namespace {

Answer query_inspect_id(ConnectionSocket& socket, const ControlCall& call) noexcept {
    const Result<InspectId> id = socket.inspect_id();
    if (!id) {
        return {id.status()};
    }
    if (call.has_irp() || call.output_size_returned == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    *call.output_size_returned = sizeof(WSK_INSPECT_ID);
    if (call.output == nullptr || call.output_size < sizeof(WSK_INSPECT_ID)) {
        return {STATUS_BUFFER_OVERFLOW};
    }
    ShownInspectId(*id).write_to(call.output);
    return {STATUS_SUCCESS, sizeof(WSK_INSPECT_ID)};
}

Answer query_backlog(ConnectionSocket& socket, const ControlCall& call, Backlog which) noexcept {
    const Result<SIZE_T> backlog = socket.backlog(which);
    return backlog ? answer_with(call, *backlog) : Answer{backlog.status()};
}

// No filter redirects connections here, so that there are no records of it.
Answer query_redirection(const ControlCall& call) noexcept {
    if (!call.has_irp() || call.has_input() || call.output_size_returned == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    *call.output_size_returned = 0;
    return {STATUS_NOT_FOUND};
}

class ConnectionControls final : public TcpControls {
  public:
    explicit ConnectionControls(ConnectionSocket& socket) noexcept
        : TcpControls(socket), socket_(socket) {}

  private:
    Family family() noexcept override { return socket_.family(); }
    NTSTATUS set_number(ULONG level, ULONG option, ULONG value) noexcept override {
        return socket_.set_option(level, option, value);
    }
    Result<ULONG> get_number(ULONG level, ULONG option) noexcept override {
        return socket_.get_option(level, option);
    }
    bool is_unconnected() noexcept override { return socket_.is_unconnected(); }
    Answer set_silent(const ControlCall& call) noexcept {
        const bool is_plain = call.has_irp() && !call.has_input() && !call.has_output();
        return {is_plain ? socket_.silence() : STATUS_INVALID_PARAMETER};
    }
    // For a filter that there is not, before the connection to which the records belong.
    Answer set_redirection(const ControlCall& call) noexcept {
        if (!call.has_irp() || call.input == nullptr || call.input_size == 0 || call.has_output()) {
            return {STATUS_INVALID_PARAMETER};
        }
        return {is_unconnected() ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE};
    }
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept override {
        return socket_.set_descriptor(std::move(descriptor));
    }
    Result<DescriptorRef> get_descriptor() noexcept override { return socket_.descriptor(); }
    Answer ioctl(const ControlCall& call) noexcept override {
        switch (call.code) {
            case SIO_WSK_QUERY_INSPECT_ID:
                return query_inspect_id(socket_, call);
            case SIO_WSK_QUERY_IDEAL_SEND_BACKLOG:
                return query_backlog(socket_, call, Backlog::ideal_send);
            case SIO_WSK_QUERY_RECEIVE_BACKLOG:
                return query_backlog(socket_, call, Backlog::receive);
            case SIO_WSK_SET_TCP_SILENT_MODE:
                return set_silent(call);
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS:
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT:
                return query_redirection(call);
            case SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS:
                return set_redirection(call);
            default:
                return TcpControls::ioctl(call);
        }
    }

    ConnectionSocket& socket_;
};

}  // namespace

Answer ConnectionSocket::control(const ControlCall& call) noexcept {
    return ConnectionControls(*this).answer(call);
}

}  // namespace owsk::wsk
