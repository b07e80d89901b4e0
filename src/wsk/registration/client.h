// SPDX-License-Identifier: MIT
// Client: one client of WSK that the NMR has attached to it, and what keeps it attached. It is the
// PWSK_CLIENT of the driver.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <string>

#include "base/mutex.h"
#include "base/planted.h"
#include "base/visible_memory.h"
#include "wsk/request/request_keeper.h"
#include "wsk/request/request_queue.h"
#include "wsk/socket/socket_client.h"

namespace owsk::wsk {

class Attachments;

class Client final : public Visible, public SocketClient, public RequestKeeper {
  public:
    // `attachments` keeps the client; `binding` is the NMR's.
    Client(Services& services, Attachments& attachments, HANDLE binding) noexcept;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    PWSK_CLIENT api() noexcept { return reinterpret_cast<PWSK_CLIENT>(this); }
    Attachments& attachments() const noexcept { return attachments_; }

    // What keeps the client attached. Each is counted; when there is none left, a detach ends.
    void socket_opened() noexcept override OWSK_EXCLUDES(mu_);
    void socket_closed() noexcept override OWSK_EXCLUDES(mu_);
    // False: the client may call no more, since it has detached.
    bool call_began() noexcept OWSK_EXCLUDES(mu_);
    void call_ended() noexcept OWSK_EXCLUDES(mu_);
    // Requests that belong to no socket.
    void request_began() noexcept override OWSK_EXCLUDES(mu_);
    void request_ended() noexcept override OWSK_EXCLUDES(mu_);

    // Events that are on for every socket from its creation. Only before the first socket.
    NTSTATUS set_static_events(ULONG mask) noexcept OWSK_EXCLUDES(mu_);
    // Whether operations that must precede the first socket are still allowed.
    bool may_configure() noexcept OWSK_EXCLUDES(mu_);

    // Queues a WSK_TRANSPORT_LIST_CHANGE request: the transports never change here.
    NTSTATUS wait_for_transport_change(PIRP irp) noexcept OWSK_EXCLUDES(mu_);

    // The answer to ProviderDetachClient: ends what would wait for ever, and waits for the rest.
    NTSTATUS detach() noexcept OWSK_EXCLUDES(mu_);
    // The client has detached: there are no calls any more.
    void client_detached() noexcept OWSK_EXCLUDES(mu_);
    bool is_unused() noexcept OWSK_EXCLUDES(mu_);
    // "1 call in progress, 2 open sockets"; empty if nothing is left.
    std::string describe() OWSK_EXCLUDES(mu_);

  private:
    // What must be gone before the client may go.
    struct Holds {
        ULONG client = 1;  // the client itself, until it has detached
        ULONG sockets = 0;
        ULONG calls = 0;
        ULONG requests = 0;

        bool none() const noexcept {
            return client == 0 && (sockets == 0 || OWSK_PLANTED(sockets_not_waited_for)) &&
                   calls == 0 && requests == 0;
        }
    };

    static NTAPI void cancel_transport_change(PDEVICE_OBJECT, PIRP irp) noexcept;
    void change(ULONG Holds::*hold, int by) noexcept OWSK_EXCLUDES(mu_);
    void finish_transport_change(Request request) noexcept;

    Attachments& attachments_;
    const HANDLE binding_;

    Mutex mu_{Rank::sockets};
    Holds holds_ OWSK_GUARDED_BY(mu_);
    bool had_sockets_ OWSK_GUARDED_BY(mu_) = false;
    bool is_detaching_ OWSK_GUARDED_BY(mu_) = false;
    bool is_detach_pending_ OWSK_GUARDED_BY(mu_) = false;
    RequestQueue transport_changes_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
