// SPDX-License-Identifier: MIT
// WskControlSocket on a listening socket.
#include "wsk/listen/listen_socket.h"
#include "wsk/socket/tcp_controls.h"

namespace owsk::wsk {

namespace {

// SIO_OWSK_QUERY_GATE: the size may be asked for without an IRP, or without a buffer.
Answer query_gate(ListenSocket& socket, const ControlCall& call) noexcept {
    const Result<OWSK_GATE> gate = socket.gate();
    if (!gate) {
        return {gate.status()};
    }
    if (!call.has_irp() && call.output_size_returned == nullptr) {
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

class ListenControls final : public TcpControls {
  public:
    explicit ListenControls(ListenSocket& socket) noexcept : TcpControls(socket), socket_(socket) {}

  private:
    Family family() noexcept override { return socket_.family(); }
    NTSTATUS set_number(ULONG level, ULONG option, ULONG value) noexcept override {
        return socket_.set_option(level, option, value);
    }
    Result<ULONG> get_number(ULONG level, ULONG option) noexcept override {
        return socket_.get_option(level, option);
    }
    bool is_unconnected() noexcept override { return true; }
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept override {
        return socket_.set_descriptor(std::move(descriptor));
    }
    Result<DescriptorRef> get_descriptor() noexcept override { return socket_.descriptor(); }
    Answer ioctl(const ControlCall& call) noexcept override {
        return call.code == SIO_OWSK_QUERY_GATE ? query_gate(socket_, call)
                                                : TcpControls::ioctl(call);
    }

    ListenSocket& socket_;
};

}  // namespace

Answer ListenSocket::control(const ControlCall& call) noexcept {
    return ListenControls(*this).answer(call);
}

}  // namespace owsk::wsk
