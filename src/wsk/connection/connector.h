// SPDX-License-Identifier: MIT
// Connector: WskBind, WskConnect and WskConnectEx of a connection-oriented socket, and
// WskSocketConnect, which is both: a local address, and the handshake from it. Only sockets that a
// driver has made have one.
#pragma once

#include <memory>
#include <optional>

#include "wsk/connection/connection_core.h"
#include "wsk/connection/state.h"
#include "wsk/socket/address_table.h"

namespace owsk::wsk {

class Connector final : public RequestOwner, private net::ConnectorEvents {
  public:
    Connector(ConnectionCore& core, Family family) noexcept : core_(core), family_(family) {}

    NTSTATUS bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // `first` is sent as soon as the handshake allows it, and is complete with the request. NULL,
    // as of WskConnect: nothing.
    NTSTATUS connect(const SOCKADDR* remote, const WSK_BUF* first, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // WskSocketConnect, on a socket that nobody else knows yet. If it fails, nobody ever will.
    NTSTATUS bind_and_connect(const SOCKADDR* local,
                              const SOCKADDR* remote,
                              ULONG flags,
                              PIRP irp) noexcept OWSK_EXCLUDES(socket_mutex);

    // WskListen of a stream socket: from bound to listening, or STATUS_INVALID_DEVICE_STATE; then
    // the listener itself. If there is none, the socket is bound as before.
    NTSTATUS begin_to_listen_locked() noexcept OWSK_REQUIRES(socket_mutex);
    Result<std::unique_ptr<net::Listener>> listen(const net::OptionValues& inherited) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // That listener is of no use.
    void spend_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // Where the socket is bound; nothing if it is not.
    std::optional<Address> bound_address_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    // SO_REUSEADDR and SO_EXCLUSIVEADDRUSE. STATUS_NOT_SUPPORTED for other options.
    NTSTATUS set_option_locked(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<ULONG> get_option_locked(ULONG level, ULONG option) const noexcept
        OWSK_REQUIRES(socket_mutex);

    // SO_WSK_SECURITY.
    NTSTATUS set_descriptor_locked(DescriptorRef descriptor) noexcept OWSK_REQUIRES(socket_mutex);
    const DescriptorRef& descriptor_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return sharing_.terms().descriptor;
    }

    // IPV6_V6ONLY, for sockets that may listen.
    NTSTATUS set_v6_only_locked(ULONG value) noexcept OWSK_REQUIRES(socket_mutex);
    bool is_v6_only_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return v6_only_; }
    Family family() const noexcept { return family_; }

    void cancel_all_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Gives up the address. Before close(), or the close of the connection.
    void release_address() noexcept OWSK_EXCLUDES(socket_mutex) {
        held_.release(core_.mutex(), core_.services().addresses());
    }
    // Of a socket that is no connection: `closed` runs when nothing comes from the network any
    // more. False if nothing can come.
    bool close(host::Task& closed) noexcept OWSK_EXCLUDES(socket_mutex);

  private:
    void on_connected(std::unique_ptr<net::Connection> connection) noexcept override;
    void on_not_connected(unsigned attempt, NTSTATUS status) noexcept override;

    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core_.ends(); }
    std::string description() const override { return core_.description(); }

    NTSTATUS bind_to(const Address& address) noexcept OWSK_EXCLUDES(socket_mutex);
    static NTSTATUS check_first(const WSK_BUF& first) noexcept;
    // Sends the SYN.
    NTSTATUS start_locked(Request request, const Address& remote) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Takes the SYN back, if one is under way.
    void stop_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // The result of a request that has ended. A socket that WskSocketConnect made in vain goes.
    void settle_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);

    ConnectionCore& core_;
    const Family family_;
    ConnectState state_ OWSK_GUARDED_BY(socket_mutex) = ConnectState::unbound;
    // How many there were. The network announces what becomes of each, the newest last.
    unsigned attempts_ OWSK_GUARDED_BY(socket_mutex) = 0;
    bool v6_only_ OWSK_GUARDED_BY(socket_mutex) = true;
    SharingChoice sharing_ OWSK_GUARDED_BY(socket_mutex);
    std::unique_ptr<net::Connector> transport_ OWSK_GUARDED_BY(socket_mutex);
    HeldAddress held_;
    RequestQueue connects_ OWSK_GUARDED_BY(socket_mutex);  // one at the most
};

}  // namespace owsk::wsk
