// SPDX-License-Identifier: MIT
// ListenSocket: a listening socket. Connections reach the driver by WskAccept (accept.cpp) or by
// WskAcceptEvent (accept_event.cpp); under conditional accept every request is inspected first
// (inspect.cpp), and reported if it goes away (abort.cpp).
#pragma once

#include <openwsk/held_request.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "net/network.h"
#include "wsk/listen/inspections.h"
#include "wsk/listen/listener_list.h"
#include "wsk/listen/state.h"
#include "wsk/socket/address_table.h"
#include "wsk/socket/callback_table.h"
#include "wsk/socket/options.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

class ConnectionSocket;

// What a listening socket would listen on.
struct ListenTransport {
    Family family;
    ULONG protocol;
};

class ListenSocket final : public Socket, private net::ListenerEvents {
  public:
    ListenSocket(Client& client,
                 const ListenTransport& transport,
                 PVOID context,
                 const VOID* dispatch,
                 host::Processor& processor) noexcept;
    ~ListenSocket() override;

    std::string description() const override;
    NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept override
        OWSK_EXCLUDES(mu_);
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept override OWSK_EXCLUDES(mu_);
    NTSTATUS health() noexcept override OWSK_EXCLUDES(mu_);
    Result<Address> local_address() noexcept override OWSK_EXCLUDES(mu_);
    Result<OWSK_GATE> gate() noexcept override OWSK_EXCLUDES(mu_);

    NTSTATUS bind(const SOCKADDR* address, ULONG flags, PIRP irp) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS accept(const AcceptParameters& parameters, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(mu_);
    NTSTATUS complete_inspection(const WSK_INSPECT_ID* id,
                                 WSK_INSPECT_ACTION action,
                                 PIRP irp) noexcept OWSK_EXCLUDES(mu_);

    // Adds what is held: requests that are not settled, connections that nobody has taken.
    void list_held(std::vector<HeldRequest>& held) OWSK_EXCLUDES(mu_);

  private:
    struct Established {
        std::unique_ptr<net::Connection> connection;
        std::optional<InspectId> inspect_id = {};
        Instant since = {};  // that of its request, if there was one
    };

    // net::ListenerEvents: each leaves a note for the turn.
    void on_incoming() noexcept override;
    void on_request(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept override;
    void on_established(net::ConnectionAttempt& attempt,
                        std::unique_ptr<net::Connection> connection) noexcept override;
    void on_aborted(net::ConnectionAttempt& attempt) noexcept override;
    void on_failed(NTSTATUS status) noexcept override;
    // These two are only for people.
    void on_accepting_paused() noexcept override;
    void on_accepting_resumed() noexcept override;

    // Socket.
    bool step_locked() noexcept override OWSK_REQUIRES(mu_);
    void cancel_all_locked() noexcept override OWSK_REQUIRES(mu_);
    bool close_transport(host::Task& closed) noexcept override;
    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(mu_);
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(mu_);

    // Pieces of work of the turn; false when there is nothing to do.
    bool announce_failure_locked() noexcept OWSK_REQUIRES(mu_);
    bool inspect_next_locked() noexcept OWSK_REQUIRES(mu_);
    bool report_next_abort_locked() noexcept OWSK_REQUIRES(mu_);
    bool serve_next_accept_locked() noexcept OWSK_REQUIRES(mu_);
    bool deliver_next_by_event_locked() noexcept OWSK_REQUIRES(mu_);

    // The oldest connection that waits, here or, if `ask_network`, in the network.
    std::optional<Established> next_established_locked(bool ask_network) noexcept
        OWSK_REQUIRES(mu_);
    ConnectionSocket* make_socket_locked(Established established,
                                         PVOID context,
                                         const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept
        OWSK_REQUIRES(mu_);
    void answer_accept(Request request, ConnectionSocket& socket) noexcept;
    NTSTATUS accept_check_locked(ULONG flags) const noexcept OWSK_REQUIRES(mu_);

    // Carries out what WskInspectEvent has answered.
    void apply_verdict(net::ConnectionAttempt& attempt, WSK_INSPECT_ACTION action) noexcept
        OWSK_EXCLUDES(mu_);
    probe::Verdict apply_verdict_locked(Inspection& inspection, WSK_INSPECT_ACTION action) noexcept
        OWSK_REQUIRES(mu_);
    Result<probe::RequestJudged> resolve_locked(InspectId id, WSK_INSPECT_ACTION action) noexcept
        OWSK_REQUIRES(mu_);

    NTSTATUS start_listening(const Address& address) noexcept OWSK_EXCLUDES(mu_);
    void give_up_listening() noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS bind_check(const SOCKADDR* address, ULONG flags) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS set_before_bind_locked(ULONG level, ULONG option, ULONG value) noexcept
        OWSK_REQUIRES(mu_);

    const Family family_;
    const bool can_be_bound_;  // only over TCP
    const PVOID context_;
    const CallbackTable<WSK_CLIENT_LISTEN_DISPATCH> dispatch_;
    ListenerLink listeners_entry_;
    // Where the socket listens; changed only through SocketList::change, for reports.
    std::optional<Address> reported_address_;

    ListenState state_ OWSK_GUARDED_BY(mu_) = ListenState::unbound;
    bool conditional_ OWSK_GUARDED_BY(mu_) = false;
    bool v6_only_ OWSK_GUARDED_BY(mu_) = true;
    Sharing sharing_ OWSK_GUARDED_BY(mu_) = Sharing::none;
    net::OptionValues options_ OWSK_GUARDED_BY(mu_);

    std::unique_ptr<net::Listener> listener_ OWSK_GUARDED_BY(mu_);
    AddressTable::Hold hold_ OWSK_GUARDED_BY(mu_);
    RequestQueue accepts_ OWSK_GUARDED_BY(mu_);
    // Plain listeners: the network may have a connection that nobody has asked for yet.
    bool incoming_ OWSK_GUARDED_BY(mu_) = false;
    bool failure_announced_ OWSK_GUARDED_BY(mu_) = false;

    std::deque<std::shared_ptr<net::ConnectionAttempt>> uninspected_ OWSK_GUARDED_BY(mu_);
    Inspections inspections_ OWSK_GUARDED_BY(mu_);
    std::deque<net::ConnectionAttempt*> aborted_ OWSK_GUARDED_BY(mu_);
    std::deque<Established> established_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
