// SPDX-License-Identifier: MIT
// Listening: what every socket that can listen has for it - the core, the acceptor - and what its
// network announces.
#pragma once

#include <openwsk/held_attempt.h>

#include <vector>

#include "base/assert.h"
#include "wsk/listen/acceptor.h"
#include "wsk/listen/listen_core.h"
#include "wsk/listen/listener_list.h"

namespace owsk::wsk {

class Listening : protected net::ListenerEvents {
  public:
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    // Adds what is held: attempts that are not settled, connections that nobody has taken.
    void list_held(std::vector<HeldAttempt>& held) OWSK_EXCLUDES(socket_mutex);

    // These are the addresses of the computer, of one family: a listener on another one has failed.
    void keep_to(Family family, const std::vector<Address>& addresses) noexcept
        OWSK_EXCLUDES(socket_mutex);

  protected:
    // A part of `socket`, as ListenCore.
    Listening(Socket& socket, PVOID context, const VOID* table) noexcept
        : core_(socket, context, table), acceptor_(core_) {}
    ~Listening() = default;

    ListenCore& core() noexcept { return core_; }
    const ListenCore& core() const noexcept { return core_; }
    Acceptor& acceptor_part() noexcept { return acceptor_; }

    // net::ListenerEvents: each leaves a note for the turn.
    void on_incoming() noexcept override;
    void on_failed(NTSTATUS status) noexcept override;
    // These two are only for people.
    void on_accepting_paused() noexcept override;
    void on_accepting_resumed() noexcept override;
    // A plain listener announces none of these.
    void on_attempt(std::shared_ptr<net::ConnectionAttempt>) noexcept override {
        OWSK_ASSERT(false);
    }
    void on_established(net::ConnectionAttempt&,
                        std::unique_ptr<net::Connection>) noexcept override {
        OWSK_ASSERT(false);
    }
    void on_aborted(net::ConnectionAttempt&) noexcept override { OWSK_ASSERT(false); }

    // Adds the attempts that are not settled.
    virtual void list_attempts_locked(std::vector<HeldAttempt>&, Instant) const
        OWSK_REQUIRES(socket_mutex) {}
    // Resets what nobody has taken, and closes the listener, which holds no address any more:
    // `closed` runs when nothing comes from it. False if there is none.
    bool close_listener(host::Task& closed) noexcept OWSK_EXCLUDES(socket_mutex);

  private:
    net::Listener* listener() noexcept OWSK_EXCLUDES(socket_mutex);

    ListenCore core_;
    Acceptor acceptor_;
};

}  // namespace owsk::wsk
