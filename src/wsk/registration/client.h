// SPDX-License-Identifier: MIT
// Client: one registration by WskRegister, and what WskDeregister has to wait for.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <string>

#include "base/mutex.h"
#include "base/planted.h"
#include "base/visible_memory.h"
#include "nt/ke/call_place.h"
#include "wsk/request/request_keeper.h"
#include "wsk/request/request_queue.h"
#include "wsk/socket/socket_client.h"

namespace owsk::wsk {

class Client final : public Visible, public SocketClient, public RequestKeeper {
  public:
    // Copies what it needs of the NPI, which may live on the stack.
    // WskRegister was called at `place`.
    Client(Services& services, const WSK_CLIENT_NPI& npi, const nt::ke::CallPlace& place) noexcept;
    // Precondition: drained.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    PWSK_CLIENT api() noexcept { return reinterpret_cast<PWSK_CLIENT>(this); }
    const nt::ke::CallPlace& registered_at() const noexcept { return registered_at_; }
    // What the driver's WSK_CLIENT_DISPATCH says. It must stay as it was at WskRegister.
    USHORT version() const noexcept;

    // What keeps the client alive. Each is counted; WskDeregister returns when there is none left.
    void npi_captured() noexcept OWSK_EXCLUDES(mu_);
    void npi_released() noexcept OWSK_EXCLUDES(mu_);
    void socket_opened() noexcept override OWSK_EXCLUDES(mu_);
    void socket_closed() noexcept override OWSK_EXCLUDES(mu_);
    void call_began() noexcept OWSK_EXCLUDES(mu_);
    void call_ended() noexcept OWSK_EXCLUDES(mu_);

    // Requests that belong to no socket. WskDeregister waits for them.
    void request_began() noexcept override OWSK_EXCLUDES(mu_);
    void request_ended() noexcept override OWSK_EXCLUDES(mu_);

    // Events that are on for every socket from its creation. Only before the first socket.
    NTSTATUS set_static_events(ULONG mask) noexcept OWSK_EXCLUDES(mu_);
    // Whether operations that must precede the first socket are still allowed.
    bool may_configure() noexcept OWSK_EXCLUDES(mu_);

    // Queues a WSK_TRANSPORT_LIST_CHANGE request: the transports never change here.
    NTSTATUS wait_for_transport_change(PIRP irp) noexcept OWSK_EXCLUDES(mu_);

    // WskDeregister has been called: captures that wait give up.
    void begin_deregistration() noexcept OWSK_EXCLUDES(mu_);
    PKEVENT deregistering_event() noexcept { return &deregistering_; }
    // Waits until nothing is left, and says every few seconds for what.
    void wait_until_drained() noexcept OWSK_EXCLUDES(mu_);
    // Whether that still holds: until the client is forgotten, calls may come in that are refused.
    bool is_drained() noexcept OWSK_EXCLUDES(mu_);
    // "1 captured NPI, 2 open sockets"; empty if nothing is left.
    std::string describe() OWSK_EXCLUDES(mu_);

  private:
    // What must be gone before the registration may go.
    struct Holds {
        ULONG captures = 0;
        ULONG sockets = 0;
        ULONG calls = 0;
        ULONG requests = 0;

        bool none() const noexcept {
            return (captures == 0 || OWSK_PLANTED(deregistered_too_early)) && sockets == 0 &&
                   calls == 0 && requests == 0;
        }
    };

    static NTAPI void cancel_transport_change(PDEVICE_OBJECT, PIRP irp) noexcept;
    void change(ULONG Holds::*hold, int by) noexcept OWSK_EXCLUDES(mu_);
    void finish_transport_change(Request request) noexcept;

    const WSK_CLIENT_DISPATCH* const dispatch_;
    const WSK_CLIENT_DISPATCH dispatch_then_;
    const nt::ke::CallPlace registered_at_;
    KEVENT deregistering_;
    KEVENT drained_;

    Mutex mu_{Rank::sockets};
    Holds holds_ OWSK_GUARDED_BY(mu_);
    bool had_sockets_ OWSK_GUARDED_BY(mu_) = false;
    bool is_deregistering_ OWSK_GUARDED_BY(mu_) = false;
    RequestQueue transport_changes_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
