// SPDX-License-Identifier: MIT
// Sender: WskSend and the sending side of WskDisconnect - in the caller's thread as far as the
// network takes it, the rest when there is room.
#pragma once

#include <memory>
#include <utility>

#include "wsk/connection/connection_core.h"
#include "wsk/connection/linger.h"
#include "wsk/connection/state.h"
#include "wsk/connection/unacknowledged.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

class Sender final : public RequestOwner {
  public:
    Sender(ConnectionCore& core, SendState state) noexcept : core_(core), state_(state) {}

    NTSTATUS send(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // The bytes of a connect request that have not gone with the SYN, before all others.
    void send_first_locked(Request connect) noexcept OWSK_REQUIRES(socket_mutex);
    // Sends `buffer`, which may be NULL, and a FIN, after all that waits. Precondition:
    // check_locked() allows it.
    NTSTATUS finish_locked(Request disconnect, const WSK_BUF* buffer) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Whether something may be sent yet, and still.
    NTSTATUS check_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    // The socket is connected now.
    void open_locked() noexcept OWSK_REQUIRES(socket_mutex) { move_to(state_, SendState::open); }
    // Whether everything that was to be sent has been sent, and has completed.
    bool is_idle_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return sends_.empty() && unacknowledged_.empty_locked();
    }
    SendState state_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return state_; }
    std::uint64_t bytes_sent_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return unacknowledged_.bytes_sent_locked();
    }

    void note_locked(const net::Readiness& readiness) noexcept OWSK_REQUIRES(socket_mutex) {
        if (readiness.writable) {
            writable_ = true;
            unacknowledged_.note_news_locked();
        }
    }
    void note_news_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        unacknowledged_.note_news_locked();
    }
    // Sends what waits, and completes what is acknowledged. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return !is_idle_locked() && serve_locked();
    }

    // The connection has failed: requests report what has arrived.
    void settle_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        unacknowledged_.settle_locked(core_, sends_);
    }
    // The connection is dead: everything queued ends with `status`.
    void die_locked(NTSTATUS status) noexcept OWSK_REQUIRES(socket_mutex);
    void cancel_all_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // The connection is about to be reset, and nothing is sent any more. True if that has to wait
    // until what was reported as sent has arrived.
    bool begin_to_linger_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Resets a connection that lingers, when the time has come.
    void look_after_lingering_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        if (linger_ != nullptr) {
            linger_locked();
        }
    }
    // For whoever goes on with it; null if it does not linger.
    std::unique_ptr<Linger> take_linger_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return std::move(linger_);
    }

  private:
    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    ULONG_PTR progress_of(Request request) const noexcept override;
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core_.ends(); }
    std::string description() const override { return core_.description(); }

    // The oldest request that waits. False when it has to go on waiting.
    bool serve_locked() noexcept OWSK_REQUIRES(socket_mutex);
    void linger_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Sends as much as the network takes now. True when the request is done with.
    bool transmit_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    void transmit_finish_locked(Request disconnect) noexcept OWSK_REQUIRES(socket_mutex);
    // True when a FIN is acknowledged, and disconnects are done with.
    bool notice_finish_acknowledged_locked() noexcept OWSK_REQUIRES(socket_mutex);

    ConnectionCore& core_;
    RequestQueue sends_ OWSK_GUARDED_BY(socket_mutex);  // and disconnects, which wait their turn
    [[no_unique_address]] Unacknowledged unacknowledged_ OWSK_GUARDED_BY(socket_mutex);
    SendState state_ OWSK_GUARDED_BY(socket_mutex);
    bool writable_ OWSK_GUARDED_BY(socket_mutex) = true;
    // Set while the reset waits for the arrival of what was reported as sent.
    std::unique_ptr<Linger> linger_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
