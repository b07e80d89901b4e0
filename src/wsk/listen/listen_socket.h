// SPDX-License-Identifier: MIT
// ListenSocket: a listening socket, composed of roles. It decides in which order they have their
// work done in a turn, and what becomes of all of them at the end.
#pragma once

#include <openwsk/gate_query.h>

#include <vector>

#include "wsk/listen/binding.h"
#include "wsk/listen/inspections.h"
#include "wsk/listen/listening.h"

namespace owsk::wsk {

class ListenSocket final : public Socket, private Listening {
  public:
    ListenSocket(SocketClient& client,
                 const ListenTransport& transport,
                 PVOID context,
                 const VOID* dispatch,
                 host::Processor& processor) noexcept;

    Acceptor& acceptor() noexcept { return acceptor_part(); }
    Inspections& inspections() noexcept { return inspections_; }
    NTSTATUS bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept {
        return binding_.bind(address, flags, irp, *this);
    }

    Family family() const noexcept { return binding_.family(); }
    std::string description() const override;
    // STATUS_NOT_SUPPORTED for what is not an option of a listening socket.
    NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_EXCLUDES(socket_mutex);
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept OWSK_EXCLUDES(socket_mutex);
    // SO_WSK_SECURITY.
    NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept OWSK_EXCLUDES(socket_mutex);
    DescriptorRef descriptor() noexcept OWSK_EXCLUDES(socket_mutex);
    // SIO_OWSK_QUERY_GATE. STATUS_INVALID_DEVICE_REQUEST unless a conditional listener that is
    // bound.
    Result<OWSK_GATE> gate() noexcept OWSK_EXCLUDES(socket_mutex);
    Answer control(const ControlCall& call) noexcept override OWSK_EXCLUDES(socket_mutex);
    NTSTATUS health() noexcept override { return core().health(); }
    Result<Address> local_address() noexcept override OWSK_EXCLUDES(socket_mutex);
    Turn& turn_of_events() noexcept override { return turn_of(ListenCore::role_of_acceptor); }

  private:
    // net::ListenerEvents: each leaves a note for the turn.
    void on_attempt(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept override;
    void on_established(net::ConnectionAttempt& attempt,
                        std::unique_ptr<net::Connection> connection) noexcept override;
    void on_aborted(net::ConnectionAttempt& attempt) noexcept override;

    bool step_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex);
    void cancel_all_locked() noexcept override OWSK_REQUIRES(socket_mutex);
    bool close_transport(host::Task& closed) noexcept override;
    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(socket_mutex);
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(socket_mutex) {
        return core().has_callbacks(mask);
    }
    void list_attempts_locked(std::vector<HeldAttempt>& held, Instant now) const override
        OWSK_REQUIRES(socket_mutex) {
        inspections_.list_held_locked(held, now);
    }

    Binding binding_;
    Inspections inspections_;
    ListenerLink link_;  // last: from the list on others look at the rest
};

}  // namespace owsk::wsk
