// SPDX-License-Identifier: MIT
// WskControlSocket on a datagram socket.
#include "wsk/datagram/datagram_socket.h"
#include "wsk/socket/controls.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// What SIO_WSK_SET_... have as their input: an address, or nothing, which takes it away.
Answer fix_address(DatagramSocket& socket, const ControlCall& call) noexcept {
    const bool takes_away = call.input_size == 0;
    if (!call.has_irp() || takes_away != (call.input == nullptr) || call.output_size != 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    const auto* const address = static_cast<const SOCKADDR*>(call.input);
    if (address != nullptr && !is_whole(*address, call.input_size)) {
        return {STATUS_INVALID_PARAMETER};
    }
    return {call.code == SIO_WSK_SET_REMOTE_ADDRESS ? socket.fix_remote(address)
                                                    : socket.fix_destination(address)};
}

class DatagramControls final : public Controls {
  public:
    explicit DatagramControls(DatagramSocket& socket) noexcept
        : Controls(socket), socket_(socket) {}

  private:
    Family family() noexcept override { return socket_.family(); }
    NTSTATUS set_option(ULONG level,
                        ULONG option,
                        std::span<const std::byte> value) noexcept override {
        const auto status = socket_.set_membership(level, option, value);
        return status.has_value() ? *status : socket_.set_option(level, option, number_in(value));
    }
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept override {
        return socket_.get_option(level, option);
    }
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept override {
        return socket_.set_descriptor(std::move(descriptor));
    }
    Result<DescriptorRef> get_descriptor() noexcept override { return socket_.descriptor(); }
    Answer ioctl(const ControlCall& call) noexcept override {
        switch (call.code) {
            case SIO_WSK_SET_REMOTE_ADDRESS:
            case SIO_WSK_SET_SENDTO_ADDRESS:
                return fix_address(socket_, call);
            default:
                return Controls::ioctl(call);
        }
    }

    DatagramSocket& socket_;
};

}  // namespace

Answer DatagramSocket::control(const ControlCall& call) noexcept {
    return DatagramControls(*this).answer(call);
}

}  // namespace owsk::wsk
