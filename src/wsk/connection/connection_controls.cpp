// SPDX-License-Identifier: MIT
// WskControlSocket on a connection-oriented socket, or on a stream socket.
#include "wsk/connection/connection_socket.h"
#include "wsk/socket/controls.h"

namespace owsk::wsk {

namespace {

Answer query_inspect_id(ConnectionSocket& socket, const ControlCall& call) noexcept {
    const Result<InspectId> id = socket.inspect_id();
    if (!id) {
        return {id.status()};
    }
    if (call.has_irp || call.output_size_returned == nullptr) {
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

class ConnectionControls final : public Controls {
  public:
    explicit ConnectionControls(ConnectionSocket& socket) noexcept
        : Controls(socket), socket_(socket) {}

  private:
    NTSTATUS set_option(ULONG level,
                        ULONG option,
                        std::span<const std::byte> value) noexcept override {
        return socket_.set_option(level, option, number_in(value));
    }
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept override {
        return socket_.get_option(level, option);
    }
    Answer ioctl(const ControlCall& call) noexcept override {
        switch (call.code) {
            case SIO_WSK_QUERY_INSPECT_ID:
                return query_inspect_id(socket_, call);
            case SIO_WSK_QUERY_IDEAL_SEND_BACKLOG:
                return query_backlog(socket_, call, Backlog::ideal_send);
            case SIO_WSK_QUERY_RECEIVE_BACKLOG:
                return query_backlog(socket_, call, Backlog::receive);
            default:
                return Controls::ioctl(call);
        }
    }

    ConnectionSocket& socket_;
};

}  // namespace

Answer ConnectionSocket::control(const ControlCall& call) noexcept {
    return ConnectionControls(*this).answer(call);
}

}  // namespace owsk::wsk
