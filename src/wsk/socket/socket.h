// SPDX-License-Identifier: MIT
// Socket: what all categories have in common - identity, options, events and the close. What runs
// completions and callbacks is the turn (wsk/turn/turn.h); what a category does is in its roles.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>
#include <wsk.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "base/visible_memory.h"
#include "nt/ke/call_place.h"
#include "wsk/services.h"
#include "wsk/socket/category.h"
#include "wsk/socket/controls.h"
#include "wsk/socket/events.h"
#include "wsk/socket/role_turns.h"
#include "wsk/socket/socket_client.h"
#include "wsk/turn/turn.h"

namespace owsk::wsk {

// In the list of a machine's sockets.
struct SocketLink : LIST_ENTRY {};

class Socket : public Visible, public Work, private WSK_SOCKET, private SocketLink {
  public:
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    PWSK_SOCKET api() noexcept { return this; }
    // The socket behind a driver's pointer. A pointer that is not an open socket is a broken rule.
    // Called by the WSK function itself, which the driver has called at `place`.
    static Socket& of(PWSK_SOCKET socket, const void* place = __builtin_return_address(0)) noexcept;

    Category category() const noexcept { return category_; }
    SocketClient& client() const noexcept { return client_; }
    Services& services() const noexcept { return client_.services(); }
    // For reports: "listening socket on 127.0.0.1:7". Called with the list of sockets locked: it
    // may tell only what never changes, or changes through SocketList::change.
    std::string description() const override = 0;
    // Makes the constructed socket known to reports and to its client. Once, by who made it: by
    // WskSocket, called at `made_at`, or by an accept.
    void enlist(const nt::ke::CallPlace* made_at) noexcept;

    // Takes the IRP of a call on this socket. Calls after WskCloseSocket are a broken rule.
    Request begin(PIRP irp, Operation operation) noexcept OWSK_EXCLUDES(socket_mutex);
    // Completes a request that needed nothing but this call: now or later, as the completion mode
    // says. The return value is the call's.
    NTSTATUS finish(Request request, NTSTATUS status, ULONG_PTR information = 0) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // WskCloseSocket, called at `place`.
    NTSTATUS close(PIRP irp, const nt::ke::CallPlace& place) noexcept OWSK_EXCLUDES(socket_mutex);
    // WskControlSocket with SO_WSK_EVENT_CALLBACK. `request` is null when the driver gave no IRP;
    // enabling needs none, and completes one that it is given.
    NTSTATUS control_events(const WSK_EVENT_CALLBACK_CONTROL& control, Request request) noexcept
        OWSK_EXCLUDES(socket_mutex);

    // WskControlSocket with anything else.
    virtual Answer control(const ControlCall& call) noexcept OWSK_EXCLUDES(socket_mutex) = 0;
    // STATUS_FILE_FORCED_CLOSED once the socket no longer works.
    virtual NTSTATUS health() noexcept OWSK_EXCLUDES(socket_mutex);
    // Nothing while there is none: STATUS_INVALID_DEVICE_STATE.
    virtual Result<Address> local_address() noexcept OWSK_EXCLUDES(socket_mutex);
    virtual Result<Address> remote_address() noexcept OWSK_EXCLUDES(socket_mutex);

    // What follows is for the roles of a category.

    // The only turn, or that of what has no role.
    Turn& turn() noexcept { return turn_; }
    // That of a role of the category.
    Turn& turn_of(unsigned role) noexcept {
        return role_turns_ == nullptr ? turn_ : role_turns_->turn(role);
    }
    // In which turn the callbacks of events run.
    virtual Turn& turn_of_events() noexcept { return turn_; }
    bool has_role_turns() const noexcept { return role_turns_ != nullptr; }
    // Something has happened that may be work for anybody.
    void want_turns_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // The same on the processor of turn(), where a single turn is taken at once.
    void take_turns_and_unlock() noexcept OWSK_RELEASE(socket_mutex);
    EventSwitch& events() noexcept OWSK_REQUIRES(socket_mutex) { return events_; }
    const EventSwitch& events() const noexcept OWSK_REQUIRES(socket_mutex) { return events_; }
    bool is_closing_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return closing_; }
    // Calls after WskCloseSocket are a broken rule. `what`: "A WSK function".
    void check_open_locked(const char* what) noexcept OWSK_REQUIRES(socket_mutex) {
        if (closing_) {
            refuse_use_after_close_locked(what);
        }
    }
    // Takes the IRP of a call on a role, which has that turn.
    Request begin_locked(PIRP irp, Operation operation, RequestOwner& role, Turn& turn) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Calls the driver without the lock: the callback of `event`, which counts as running
    // meanwhile, or with no_event one that cannot be switched off.
    template <typename Call>
    auto call_driver_locked(ULONG event, Call call) noexcept OWSK_REQUIRES(socket_mutex) {
        events_.begin_call(event);
        mutex().unlock();
        const auto result = call();
        mutex().lock();
        events_.end_call(event);
        return result;
    }
    static constexpr ULONG no_event = 0;
    Ends ends() noexcept override OWSK_EXCLUDES(socket_mutex);
    // Closes a socket that no driver has taken over.
    void close_unowned_locked() noexcept OWSK_REQUIRES(socket_mutex);

  protected:
    Socket(SocketClient& client,
           Category category,
           const VOID* dispatch,
           host::Processor& processor) noexcept;
    virtual ~Socket() = default;

    // Moves every queued request to the completions, as cancelled. Called once, by the close.
    virtual void cancel_all_locked() noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // Starts to close the transport object, `closed` runs when it is done. False if there is none.
    virtual bool close_transport(host::Task& closed) noexcept OWSK_EXCLUDES(socket_mutex) = 0;
    // Whether events may be enabled yet: bound or connected.
    virtual bool can_have_events_locked() const noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // The events that it has. Who has WSK_EVENT_ACCEPT hands the others on to accepted sockets.
    virtual ULONG event_kinds_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return event_kinds_of(category_);
    }
    // Whether the driver's table has a callback for each event of `mask`; as long as the driver has
    // not named its table, anything is possible.
    virtual bool has_callbacks_locked(ULONG mask) const noexcept OWSK_REQUIRES(socket_mutex) = 0;
    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);

  private:
    friend class Introduction;
    friend class SocketList;

    [[noreturn]] void refuse_use_after_close_locked(const char* what) noexcept
        OWSK_REQUIRES(socket_mutex);

    bool put_off_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex) {
        return (role_turns_ != nullptr || services().faults().is_set(Fault::late_turn)) &&
               put_off_by_seed_locked(turn);
    }
    bool put_off_by_seed_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex);
    template <typename Visit>
    void visit_turns(Visit visit) noexcept {
        visit(turn_);
        if (role_turns_ != nullptr) {
            role_turns_->visit_all(visit);
        }
    }
    bool is_over_locked(Turn& turn) noexcept override OWSK_REQUIRES(socket_mutex);
    void start_end(host::Task& ended) noexcept override;
    void end() noexcept override;
    NTSTATUS check_event_control_locked(const WSK_EVENT_CALLBACK_CONTROL& control) const noexcept
        OWSK_REQUIRES(socket_mutex);

    const Category category_;
    bool closing_ OWSK_GUARDED_BY(socket_mutex) = false;
    EventSwitch events_ OWSK_GUARDED_BY(socket_mutex);
    SocketClient& client_;
    Turn turn_;
    std::unique_ptr<RoleTurns> role_turns_;  // null: turn_ is that of all roles
    Request close_request_ OWSK_GUARDED_BY(socket_mutex);
    // Where WskSocket and WskCloseSocket were called; null if they were not.
    std::unique_ptr<const nt::ke::CallPlace> made_at_;
    std::unique_ptr<const nt::ke::CallPlace> closed_at_ OWSK_GUARDED_BY(socket_mutex);
};

// Holds the turns of a new socket while the driver is told of it, so that nothing of it happens
// before the driver knows it.
class Introduction {
  public:
    explicit Introduction(Socket& socket) noexcept : socket_(socket) {
        socket_.visit_turns([](Turn& turn) { turn.hold(); });
    }
    ~Introduction() {
        if (socket_.role_turns_ != nullptr) {
            socket_.role_turns_->visit_all([](Turn& turn) { turn.release(); });
        }
        // Last: in this turn the socket may end, on another processor.
        socket_.turn_.release();
    }
    Introduction(const Introduction&) = delete;
    Introduction& operator=(const Introduction&) = delete;

  private:
    Socket& socket_;
};

}  // namespace owsk::wsk
