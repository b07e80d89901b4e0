// SPDX-License-Identifier: MIT
// StreamSocket: a socket that may become a connection or a listener, by the first WskConnect or
// WskListen that succeeds. It is a connection-oriented socket with the parts of a listening one,
// and decides which of them work.
#pragma once

#include "net/bound.h"
#include "wsk/connection/connection_socket.h"
#include "wsk/listen/listening.h"

namespace owsk::wsk {

class StreamSocket final : public ConnectionSocket, private Listening {
  public:
    // `dispatch` is the driver's WSK_CLIENT_STREAM_DISPATCH, or null.
    StreamSocket(SocketClient& client,
                 Family family,
                 PVOID context,
                 const VOID* dispatch,
                 host::Processor& processor) noexcept;

    // WskListen.
    NTSTATUS listen(PIRP irp) noexcept OWSK_EXCLUDES(socket_mutex);

    Acceptor& acceptor() noexcept { return acceptor_part(); }
    std::string description() const override;
    NTSTATUS health() noexcept override { return core().health(); }

  private:
    using Tables = CallbackTable<WSK_CLIENT_STREAM_DISPATCH>;

    StreamSocket(SocketClient& client,
                 Family family,
                 PVOID context,
                 const Tables& tables,
                 host::Processor& processor) noexcept;

    // Whether it listens, is about to, or has listened.
    bool is_listener_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return core().state_locked() != ListenState::unbound;
    }
    NTSTATUS start_to_listen() noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS begin_to_listen(net::OptionValues& inherited) noexcept OWSK_EXCLUDES(socket_mutex);
    void give_up(NTSTATUS status) noexcept OWSK_EXCLUDES(socket_mutex);
    void attempts_ended() noexcept { static_cast<void>(close_listener(*closed_)); }

    NTSTATUS take_up(std::unique_ptr<net::Connection> connection) noexcept override;
    NTSTATUS set_transport_option_locked(net::SocketOption option, ULONG value) noexcept override
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_transport_option_locked(net::SocketOption option) noexcept override
        OWSK_REQUIRES(socket_mutex);
    NTSTATUS set_early_option_locked(ULONG level, ULONG option, ULONG value) noexcept override
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_early_option_locked(ULONG level, ULONG option) const noexcept override
        OWSK_REQUIRES(socket_mutex);

    bool step_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex);
    void cancel_all_locked() noexcept override OWSK_REQUIRES(socket_mutex);
    bool close_transport(host::Task& closed) noexcept override;
    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(socket_mutex);
    ULONG event_kinds_locked() const noexcept override OWSK_REQUIRES(socket_mutex);
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(socket_mutex);

    const Tables tables_;  // what has become of the socket looks whether they are still the same
    host::Task* closed_ = nullptr;
    net::BoundTask<StreamSocket, &StreamSocket::attempts_ended> attempts_end_{*this};
    ListenerLink link_;  // last: from the list on others look at the rest
};

}  // namespace owsk::wsk
