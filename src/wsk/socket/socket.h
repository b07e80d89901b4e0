// SPDX-License-Identifier: MIT
// Socket: what all categories have in common - identity, the turn, completions and the close.
//
// The turn. At most one thread at a time runs completions and callbacks of a socket, so they come
// in order, and never on two threads at once. Normally that is the socket's processor: what the
// network announces takes the turn there at once, and whoever else leaves something to do (a queued
// request, a cancellation) asks for a turn and goes on. A driver's thread takes the turn only to
// complete the very request that it is passing in; it never runs a callback and never completes
// another request, because it may hold locks of the driver. Whatever else became due meanwhile is
// left to the processor.
//
// A call from inside a completion or a callback is made by the thread that has the turn already.
// Where the mode is to complete in the call, and no older completion waits, it completes its
// request there and then, inside the routine, up to completion_depth_max deep; the turn stays with
// the outer routine. Otherwise, and always in mode `windows` except for control operations, its
// completion comes after that routine has returned. What never completes inside a routine of its
// own socket: a close, a disabled callback that runs, and a WskReceive inside WskReceiveEvent, as
// the bytes that are just shown come first.
#pragma once

#include <openwsk/address.h>
#include <openwsk/gate_query.h>
#include <wdm.h>
#include <wsk.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "base/visible_memory.h"
#include "host/host.h"
#include "nt/ke/call_place.h"
#include "wsk/provider.h"
#include "wsk/socket/events.h"
#include "wsk/socket/inspect_id.h"
#include "wsk/socket/options.h"
#include "wsk/socket/request.h"
#include "wsk/socket/turn.h"

namespace owsk::wsk {

class Client;

enum class Category : UCHAR { basic, listen, connection, datagram, stream };

// In the list of a machine's sockets.
struct SocketLink : LIST_ENTRY {};

class Socket : public Visible, private host::Task, private SocketLink {
  public:
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    PWSK_SOCKET api() noexcept { return &api_; }
    // The socket behind a driver's pointer. A pointer that is no open socket is a broken rule.
    // Called by the WSK function itself, which the driver has called at `place`.
    static Socket& of(PWSK_SOCKET socket, const void* place = __builtin_return_address(0)) noexcept;

    Category category() const noexcept { return category_; }
    Client& client() const noexcept { return client_; }
    Provider& provider() const noexcept { return provider_; }
    host::Processor& processor() const noexcept { return processor_; }
    static Socket& of_list_entry(LIST_ENTRY* entry) noexcept;
    // For reports: "listening socket on 127.0.0.1:7". Called with the list of sockets locked: it
    // may tell only what never changes, or changes through SocketList::change.
    virtual std::string description() const = 0;
    // Where WskSocket was called; empty for a socket that was accepted. The second is for whoever
    // makes it, before enlist().
    nt::ke::CallPlace made_at() const noexcept {
        return made_at_ != nullptr ? *made_at_ : nt::ke::CallPlace();
    }
    void note_made_at(const nt::ke::CallPlace& place) noexcept {
        made_at_.reset(new (std::nothrow) nt::ke::CallPlace(place));
    }
    // "connection": what a report can still say when the socket is gone.
    const char* kind() const noexcept;
    // Where WskCloseSocket was called, for who is about to destroy the socket; null if it was not.
    std::unique_ptr<const nt::ke::CallPlace> take_closed_at() noexcept OWSK_EXCLUDES(mu_);

    // Takes the IRP of a call on this socket. Calls after WskCloseSocket are a broken rule.
    Request begin(PIRP irp, Operation operation) noexcept OWSK_EXCLUDES(mu_);
    // WskCloseSocket.
    NTSTATUS close(PIRP irp) noexcept OWSK_EXCLUDES(mu_);
    // WskControlSocket with SO_WSK_EVENT_CALLBACK. `request` is null when the driver gave no IRP;
    // enabling needs none, and completes one that it is given.
    NTSTATUS control_events(const WSK_EVENT_CALLBACK_CONTROL& control, Request request) noexcept
        OWSK_EXCLUDES(mu_);
    // The other options. STATUS_NOT_SUPPORTED for what the category does not know.
    virtual NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept;
    virtual Result<ULONG> get_option(ULONG level, ULONG option) noexcept;
    // SIO_WSK_QUERY_INSPECT_ID. STATUS_INVALID_DEVICE_REQUEST unless accepted after an inspection.
    virtual Result<InspectId> inspect_id() const noexcept;
    // SIO_OWSK_QUERY_GATE. STATUS_INVALID_DEVICE_REQUEST unless a conditional listener that is
    // bound.
    virtual Result<OWSK_GATE> gate() noexcept;
    // STATUS_FILE_FORCED_CLOSED once the socket no longer works.
    virtual NTSTATUS health() noexcept OWSK_EXCLUDES(mu_);
    // Nothing while there is none: STATUS_INVALID_DEVICE_STATE.
    virtual Result<Address> local_address() noexcept OWSK_EXCLUDES(mu_);
    virtual Result<Address> remote_address() noexcept OWSK_EXCLUDES(mu_);

    // Completes a request that needed nothing but this call: now or later, as the completion mode
    // says. The return value is the call's.
    NTSTATUS finish(Request request, NTSTATUS status, ULONG_PTR information = 0) noexcept
        OWSK_EXCLUDES(mu_);

    // Makes the constructed socket known to reports and to its client. Once, by who made it.
    void enlist() noexcept;

  protected:
    Socket(Client& client,
           Category category,
           const VOID* dispatch,
           host::Processor& processor) noexcept;
    virtual ~Socket() = default;

    Request begin_locked(PIRP irp, Operation operation) noexcept OWSK_REQUIRES(mu_);

    // Does one piece of work of this category, with the turn held; leaves the lock to call out.
    // False when there is none left; then it has not left the lock.
    virtual bool step_locked() noexcept OWSK_REQUIRES(mu_) = 0;
    // Moves every queued request to the completions, as cancelled. Called once, by close().
    virtual void cancel_all_locked() noexcept OWSK_REQUIRES(mu_) = 0;
    // Starts to close the transport object, `closed` runs when it is done. False if there is none.
    virtual bool close_transport(host::Task& closed) noexcept OWSK_EXCLUDES(mu_) = 0;
    // Whether events may be enabled yet: bound or connected.
    virtual bool can_have_events_locked() const noexcept OWSK_REQUIRES(mu_) = 0;
    // Whether the driver's table has a callback for each event of `mask`; as long as the driver has
    // not named its table, anything is possible.
    virtual bool has_callbacks_locked(ULONG mask) const noexcept OWSK_REQUIRES(mu_) = 0;
    // What a cancelled request has achieved so far, for IoStatus.Information.
    virtual ULONG_PTR progress_of(Request request) const noexcept;
    // The driver has cancelled a request that waited in a queue, and it is out of that.
    virtual void on_cancelled_locked(Request request) noexcept OWSK_REQUIRES(mu_);

    // Whether the calling thread may complete the request it is passing in; then it has the turn,
    // or has it once more.
    bool take_turn_in_call_locked(CompletionMode mode) noexcept OWSK_REQUIRES(mu_);
    // Completes it and gives the turn back.
    NTSTATUS finish_in_call(Request request, CompletionMode mode) noexcept OWSK_EXCLUDES(mu_);
    // Leaves a decided request to the turn; the call returns STATUS_PENDING.
    NTSTATUS finish_later_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    // Queues a request until it can be served; the call returns STATUS_PENDING.
    NTSTATUS pend_locked(RequestQueue& queue, Request request) noexcept OWSK_REQUIRES(mu_);
    // Ends the wait of a queued request with a result.
    void decide_locked(Request request, NTSTATUS status, ULONG_PTR information) noexcept
        OWSK_REQUIRES(mu_);
    void decide_all_locked(RequestQueue& queue, NTSTATUS status) noexcept OWSK_REQUIRES(mu_);
    // Takes the oldest request that is not just being cancelled out of its queue; null if there is
    // none. With the turn held; complete_claimed() follows.
    Request claim_next_locked(RequestQueue& queue) noexcept OWSK_REQUIRES(mu_);
    void complete_claimed(Request request) noexcept OWSK_EXCLUDES(mu_);
    // After take_turn_in_call_locked(), when the request has to wait after all.
    void give_turn_back_locked() noexcept OWSK_REQUIRES(mu_);
    void want_turn_locked() noexcept OWSK_REQUIRES(mu_);
    // Whether this turn has received so much that the next of it is left to another turn.
    bool has_its_share_locked() const noexcept OWSK_REQUIRES(mu_) { return share_ == 0; }
    void note_received_locked(SIZE_T bytes) noexcept OWSK_REQUIRES(mu_) {
        share_ -= static_cast<ULONG>(std::min<SIZE_T>(share_, bytes));
    }
    void want_turn() noexcept OWSK_EXCLUDES(mu_);
    // At once, or after whoever has it. On the processor, by who has noted something under the
    // lock.
    void take_turn_and_unlock() noexcept OWSK_RELEASE(mu_);
    // Closes a socket that no driver has taken over.
    void close_unowned() noexcept OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::socket};
    EventSwitch events_ OWSK_GUARDED_BY(mu_);
    bool closing_ OWSK_GUARDED_BY(mu_) = false;

  private:
    const Category category_;
    bool turn_wanted_ OWSK_GUARDED_BY(mu_) = false;
    bool transport_closing_ OWSK_GUARDED_BY(mu_) = false;
    ULONG requests_ OWSK_GUARDED_BY(mu_) = 0;  // taken and not completed, without the close
    ULONG share_ OWSK_GUARDED_BY(mu_) = 0;     // bytes that the turn may still receive

    // The turn of a new socket is held by whoever introduces it to the driver, so that nothing of
    // it happens before the driver knows it.
    friend class Introduction;
    friend class SocketList;
    struct Closed final : host::Task {
        explicit Closed(Socket& owner) noexcept : socket(owner) {}
        void run() noexcept override { socket.finish_close(); }
        Socket& socket;
    };
    // The driver's WSK_SOCKET, and the way back.
    struct ApiSocket : WSK_SOCKET {
        Socket* socket;
    };
    static NTAPI void cancel_request(PDEVICE_OBJECT, PIRP irp) noexcept;
    // Takes a request that the driver has cancelled out of its queue.
    void withdraw_locked(Request request, ULONG_PTR progress) noexcept OWSK_REQUIRES(mu_);

    void run() noexcept override;
    bool may_run_in_place() const noexcept override { return true; }
    // True when the turn was the last one, and the transport is to be closed.
    bool turn_locked() noexcept OWSK_REQUIRES(mu_);
    // Leaves the lock to complete.
    bool complete_next_locked() noexcept OWSK_REQUIRES(mu_);
    void leave_turn() noexcept OWSK_EXCLUDES(mu_);
    void finish_close() noexcept;
    NTSTATUS check_event_control_locked(const WSK_EVENT_CALLBACK_CONTROL& control) const noexcept
        OWSK_REQUIRES(mu_);
    void check_open_locked(const char* what) noexcept OWSK_REQUIRES(mu_);

    ApiSocket api_;
    Client& client_;
    Provider& provider_;
    host::Processor& processor_;
    Closed closed_{*this};

    RequestQueue completions_ OWSK_GUARDED_BY(mu_);
    Request close_request_ OWSK_GUARDED_BY(mu_);
    Turn turn_ OWSK_GUARDED_BY(mu_);
    std::unique_ptr<const nt::ke::CallPlace> made_at_;
    std::unique_ptr<const nt::ke::CallPlace> closed_at_ OWSK_GUARDED_BY(mu_);
};

// The part of a client's static event mask that a socket of this category takes.
ULONG static_events_of(Category category, ULONG mask) noexcept;

// Holds the turn of a new socket while the driver is told of it.
class Introduction {
  public:
    explicit Introduction(Socket& socket) noexcept;
    ~Introduction();
    Introduction(const Introduction&) = delete;
    Introduction& operator=(const Introduction&) = delete;

  private:
    Socket& socket_;
};

}  // namespace owsk::wsk
