// SPDX-License-Identifier: MIT
// DatagramBinding: WskBind on a datagram socket, which may send and receive from then on, and the
// options that come before it.
#pragma once

#include <optional>

#include "wsk/datagram/datagram_core.h"
#include "wsk/socket/address_table.h"

namespace owsk::wsk {

class DatagramBinding {
  public:
    // `is_udp`: what a raw socket would be bound to is not there.
    DatagramBinding(DatagramCore& core, bool is_udp) noexcept : core_(core), is_udp_(is_udp) {}

    NTSTATUS bind(const SOCKADDR* address,
                  ULONG flags,
                  PIRP irp,
                  net::DatagramEvents& events) noexcept OWSK_EXCLUDES(socket_mutex);
    // Gives up the address. Before the port is closed.
    void release_address() noexcept OWSK_EXCLUDES(socket_mutex) {
        held_.release(core_.mutex(), core_.services().addresses());
    }

    // STATUS_NOT_SUPPORTED for what does not come before the bind.
    NTSTATUS set_option_locked(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_option_locked(ULONG level, ULONG option) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // SO_WSK_SECURITY.
    NTSTATUS set_descriptor_locked(DescriptorRef descriptor) noexcept OWSK_REQUIRES(socket_mutex);
    const DescriptorRef& descriptor_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return sharing_.terms().descriptor;
    }

    // Where the socket is bound, for reports; changed only through SocketList::change.
    const std::optional<Address>& reported_address() const noexcept { return reported_address_; }

  private:
    // From `unbound` to `binding`.
    NTSTATUS begin() noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS bind_to(const Address& address, net::DatagramEvents& events) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // As good as not bound: the address is free, and may be bound again.
    void give_up(const Address& address, NTSTATUS status) noexcept OWSK_EXCLUDES(socket_mutex);

    DatagramCore& core_;
    const bool is_udp_;
    bool v6_only_ OWSK_GUARDED_BY(socket_mutex) = true;
    SharingChoice sharing_ OWSK_GUARDED_BY(socket_mutex);
    HeldAddress held_;
    std::optional<Address> reported_address_;
};

}  // namespace owsk::wsk
