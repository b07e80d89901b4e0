// SPDX-License-Identifier: MIT
// DatagramSocket: a datagram socket, composed of roles. It decides in which order they have their
// work done in a turn, and what becomes of all of them at the end.
#pragma once

#include "wsk/datagram/datagram_binding.h"
#include "wsk/datagram/datagram_core.h"
#include "wsk/datagram/datagram_indicator.h"
#include "wsk/datagram/datagram_receiver.h"
#include "wsk/datagram/datagram_sender.h"
#include "wsk/datagram/incoming_datagrams.h"

namespace owsk::wsk {

// What a datagram socket would send over.
struct DatagramTransport {
    Family family;
    bool is_udp;
};

class DatagramSocket final : public DatagramCore, private net::DatagramEvents {
  public:
    DatagramSocket(SocketClient& client,
                   const DatagramTransport& transport,
                   PVOID context,
                   const VOID* dispatch,
                   host::Processor& processor) noexcept;
    ~DatagramSocket() override;

    NTSTATUS bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept {
        return binding_.bind(address, flags, irp, *this);
    }
    DatagramSender& sender() noexcept { return sender_; }
    DatagramReceiver& receiver() noexcept { return receiver_; }
    DatagramIndicator& indicator() noexcept { return indicator_; }

    std::string description() const override;
    // STATUS_NOT_SUPPORTED for what is not an option of a datagram socket.
    NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_EXCLUDES(socket_mutex);
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept OWSK_EXCLUDES(socket_mutex);
    // Nothing if it is another option than those that join and leave groups.
    std::optional<NTSTATUS> set_membership(ULONG level,
                                           ULONG option,
                                           std::span<const std::byte> value) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // SO_WSK_SECURITY.
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept OWSK_EXCLUDES(socket_mutex);
    DescriptorRef descriptor() noexcept OWSK_EXCLUDES(socket_mutex);
    // SIO_WSK_SET_REMOTE_ADDRESS, SIO_WSK_SET_SENDTO_ADDRESS: the peer, or only the destination, of
    // calls that name none; NULL takes it away.
    NTSTATUS fix_remote(const SOCKADDR* address) noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS fix_destination(const SOCKADDR* address) noexcept OWSK_EXCLUDES(socket_mutex);
    Answer control(const ControlCall& call) noexcept override OWSK_EXCLUDES(socket_mutex);

  private:
    void on_datagrams(bool readable, bool writable) noexcept override;

    // The address of an IOCTL; NULL is none.
    Result<std::optional<Address>> fixed_address_locked(const SOCKADDR* address) const noexcept
        OWSK_REQUIRES(socket_mutex);
    bool step_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex);
    bool step_of_role_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);
    bool step_of_events_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        // Datagrams are shown when no WskReceiveFrom waits for them.
        return !receiver_.is_waited_for_locked() && indicator_.step_locked();
    }
    void cancel_all_locked() noexcept override OWSK_REQUIRES(socket_mutex);
    bool close_transport(host::Task& closed) noexcept override;

    DatagramBinding binding_;
    IncomingDatagrams incoming_;
    DatagramSender sender_;
    DatagramReceiver receiver_;
    DatagramIndicator indicator_;
};

}  // namespace owsk::wsk
