// SPDX-License-Identifier: MIT
// Unacknowledged: what a connection has sent and what the peer has acknowledged of it; and the
// requests that wait for that. They wait in the order of the stream, and each knows where in it its
// last byte is.
#pragma once

#include <cstdint>

#include "wsk/connection/connection_core.h"
#include "wsk/memory/transfer.h"

namespace owsk::wsk {

class Unacknowledged {
  public:
    std::uint64_t bytes_sent_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return bytes_sent_;
    }
    void note_sent_locked(SIZE_T bytes) noexcept OWSK_REQUIRES(socket_mutex) {
        bytes_sent_ += bytes;
    }
    // More may be acknowledged than at the last look.
    void note_news_locked() noexcept OWSK_REQUIRES(socket_mutex) { has_news_ = true; }

    bool empty_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return requests_.empty(); }
    // Whether a send whose bytes are all on their way is not complete yet.
    bool holds_back_locked(ConnectionCore& core, const TransferParameters& transfer) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // All of the send is on its way, and it waits now; or its call pends it in requests_locked().
    void note_on_its_way_locked(ConnectionCore& core, Request send) noexcept
        OWSK_REQUIRES(socket_mutex);
    // A disconnect whose FIN is on its way.
    void push_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex) {
        requests_.push(request);
    }
    RequestQueue& requests_locked() noexcept OWSK_REQUIRES(socket_mutex) { return requests_; }

    // Completes what is acknowledged since there was news. False if that is nothing.
    bool step_locked(ConnectionCore& core) noexcept OWSK_REQUIRES(socket_mutex);
    // Whether a disconnect is the next that waits.
    bool is_finishing_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return !requests_.empty() && requests_.front().operation() == Operation::disconnect;
    }
    // The connection has died: what has arrived before was sent all the same, and the rest reports
    // no more than what is acknowledged.
    void settle_locked(ConnectionCore& core, RequestQueue& unsent) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Up to where in the stream the peer has acknowledged it.
    std::uint64_t acknowledged_locked(ConnectionCore& core) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // Sends that have not completed are taken back, and that which `unsent` begins with: they will
    // report no more than what is acknowledged. Of the bytes sent, those stay that were reported
    // as sent by others; returns how many do not.
    std::uint64_t withdraw_locked(RequestQueue& unsent, std::uint64_t acknowledged) noexcept
        OWSK_REQUIRES(socket_mutex);

  private:
    bool complete_acknowledged_locked(ConnectionCore& core) noexcept OWSK_REQUIRES(socket_mutex);
    // Looks for acknowledgments later, in case that none is announced.
    void ask_later_locked(ConnectionCore& core) noexcept OWSK_REQUIRES(socket_mutex);
    std::uint64_t reported_locked(RequestQueue& unsent, std::uint64_t acknowledged) noexcept
        OWSK_REQUIRES(socket_mutex);

    // Sends, if they complete when acknowledged; then a disconnect, with its FIN.
    RequestQueue requests_ OWSK_GUARDED_BY(socket_mutex);
    std::uint64_t bytes_sent_ OWSK_GUARDED_BY(socket_mutex) = 0;
    bool has_news_ OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
