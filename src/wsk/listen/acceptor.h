// SPDX-License-Identifier: MIT
// Acceptor: established connections and who takes them - a WskAccept IRP first, then
// WskAcceptEvent; else they wait. Those of a plain listener wait in the network until somebody
// wants them.
#pragma once

#include <openwsk/held_attempt.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "wsk/connection/connection_socket.h"
#include "wsk/listen/listen_core.h"

namespace owsk::wsk {

struct AcceptParameters {
    PSOCKADDR local_address;
    PSOCKADDR remote_address;
    PVOID context;
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch;
};

class Acceptor final : private RequestOwner {
  public:
    explicit Acceptor(ListenCore& core) noexcept : core_(core) {}

    // A connection of a conditional listener that nobody has taken yet.
    struct Established {
        std::unique_ptr<net::Connection> connection;
        std::optional<InspectId> inspect_id = {};
        Instant since = {};  // that of its attempt, if there was one
    };

    NTSTATUS accept(const AcceptParameters& parameters, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);

    // Plain listeners: the network may have a connection.
    void note_incoming_locked() noexcept OWSK_REQUIRES(socket_mutex) { incoming_ = true; }
    void add_locked(Established established) noexcept OWSK_REQUIRES(socket_mutex) {
        established_.push_back(std::move(established));
    }
    // Hands over the next connection. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Ends all that wait.
    void decide_all_locked(NTSTATUS status) noexcept OWSK_REQUIRES(socket_mutex);
    // Resets what nobody has taken. At the end.
    void abort_untaken() noexcept OWSK_EXCLUDES(socket_mutex);

    // Whether WskAcceptEvent may be called.
    bool event_is_on_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    // WskAcceptEvent without a socket, once: the listener has failed. False when there is nothing
    // to do.
    bool announce_failure_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Adds connections that nobody has taken.
    void list_held_locked(std::vector<HeldAttempt>& held, Instant now) const
        OWSK_REQUIRES(socket_mutex);

  private:
    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core_.socket().ends(); }
    std::string description() const override { return core_.socket().description(); }

    bool serve_next_accept_locked() noexcept OWSK_REQUIRES(socket_mutex);
    bool deliver_next_by_event_locked() noexcept OWSK_REQUIRES(socket_mutex);
    NTSTATUS show_to_event(ConnectionSocket& socket, ULONG inherited_events) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // The oldest connection that waits, here or, if `ask_network`, in the network.
    std::optional<Established> next_established_locked(bool ask_network) noexcept
        OWSK_REQUIRES(socket_mutex);
    ConnectionSocket* make_socket_locked(Established established,
                                         PVOID context,
                                         const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Starts the socket, and gives it to the request.
    void answer(Request request, ConnectionSocket& socket) noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS check_locked(ULONG flags) const noexcept OWSK_REQUIRES(socket_mutex);

    ListenCore& core_;
    RequestQueue accepts_ OWSK_GUARDED_BY(socket_mutex);
    std::deque<Established> established_ OWSK_GUARDED_BY(socket_mutex);
    // Plain listeners: the network may have a connection that nobody has asked for yet.
    bool incoming_ OWSK_GUARDED_BY(socket_mutex) = false;
    bool failure_announced_ OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
