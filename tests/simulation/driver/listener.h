// SPDX-License-Identifier: MIT
// Listener: a listening socket of a scenario's driver. It makes a Connection for each socket that
// WskAccept or WskAcceptEvent brings.
#pragma once

#include <wsk.h>

#include <cstdint>
#include <deque>
#include <functional>

#include "simulation/driver/connection.h"
#include "simulation/driver/socket.h"

namespace owsk::scenarios {

struct ListenerPlan {
    std::uint16_t port = 7;
    bool conditional = false;
    ULONG events = 0;  // after the bind; with connection events, these are inherited
};

class Listener final : public DriverSocket {
  public:
    explicit Listener(Server& server);
    ~Listener();

    // Set before open().
    // A connection is there: in the completion routine of WskAccept, or in WskAcceptEvent.
    std::function<void(Connection&)> on_accepted;
    // Whether WskAcceptEvent takes the connection.
    std::function<bool()> takes;
    std::function<WSK_INSPECT_ACTION(const WSK_INSPECT_ID& id)> on_inspect;
    std::function<void(const WSK_INSPECT_ID& id)> on_abort;

    // WskSocket, the options, WskBind and the events. On a thread of the machine.
    void open(const ListenerPlan& plan);

    // WskAccept. `then` runs after on_accepted. Null if the socket is being closed.
    CallRef accept(Call::Then then = {});
    // Keeps so many of them queued until the listener closes.
    void keep_accepting(unsigned count);
    CallRef complete_inspection(const WSK_INSPECT_ID& id,
                                WSK_INSPECT_ACTION action,
                                Call::Then then = {});
    // WskGetLocalAddress: a call that is in nobody's way.
    void ask_for_address();

    // Every connection that was ever accepted.
    const std::deque<Connection*>& connections() const { return connections_; }
    void close_connections();
    void wait_connections_closed();

  private:
    static NTAPI NTSTATUS accept_event(PVOID context,
                                       ULONG flags,
                                       PSOCKADDR local,
                                       PSOCKADDR remote,
                                       PWSK_SOCKET socket,
                                       PVOID* socket_context,
                                       const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch);
    static NTAPI WSK_INSPECT_ACTION inspect_event(PVOID context,
                                                  PSOCKADDR local,
                                                  PSOCKADDR remote,
                                                  PWSK_INSPECT_ID id);
    static NTAPI NTSTATUS abort_event(PVOID context, PWSK_INSPECT_ID id);
    static const WSK_CLIENT_LISTEN_DISPATCH dispatch;

    const WSK_PROVIDER_LISTEN_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(api()->Dispatch);
    }
    void on_closed() override;
    NTSTATUS set_conditional();
    void delivered(Connection& connection);

    bool conditional_ = false;
    std::deque<Connection*> connections_;
};

}  // namespace owsk::scenarios
