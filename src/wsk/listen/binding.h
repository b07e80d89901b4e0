// SPDX-License-Identifier: MIT
// Binding: WskBind on a listening socket, which starts to listen at once, and the options that come
// before it.
#pragma once

#include "wsk/listen/listen_core.h"
#include "wsk/socket/address_table.h"

namespace owsk::wsk {

// What a listening socket would listen on.
struct ListenTransport {
    Family family;
    ULONG protocol;
};

class Binding {
  public:
    Binding(ListenCore& core, const ListenTransport& transport) noexcept;

    Family family() const noexcept { return family_; }
    NTSTATUS bind(const SOCKADDR* address,
                  ULONG flags,
                  PIRP irp,
                  net::ListenerEvents& events) noexcept OWSK_EXCLUDES(socket_mutex);
    // Gives up the address. Before the listener is closed.
    void release_address() noexcept OWSK_EXCLUDES(socket_mutex) {
        held_.release(core_.socket().mutex(), core_.socket().services().addresses());
    }

    // STATUS_NOT_SUPPORTED for what is not an option of a listening socket.
    NTSTATUS set_option_locked(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_option_locked(ULONG level, ULONG option) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // SO_WSK_SECURITY.
    NTSTATUS set_descriptor_locked(DescriptorRef descriptor) noexcept OWSK_REQUIRES(socket_mutex);
    const DescriptorRef& descriptor_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return sharing_.terms().descriptor;
    }

  private:
    // From `unbound` to `binding`.
    NTSTATUS begin() noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS start_listening(const Address& address, net::ListenerEvents& events) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // As good as not bound: the address is free, and may be bound again.
    void give_up(const Address& address, NTSTATUS status) noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS set_conditional_locked(ULONG value) noexcept OWSK_REQUIRES(socket_mutex);

    ListenCore& core_;
    const Family family_;
    const bool can_be_bound_;  // only over TCP
    bool v6_only_ OWSK_GUARDED_BY(socket_mutex) = true;
    SharingChoice sharing_ OWSK_GUARDED_BY(socket_mutex);
    HeldAddress held_;
};

}  // namespace owsk::wsk
