// SPDX-License-Identifier: MIT
// SIO_OWSK_QUERY_GATE: what a driver can learn about the gate of its listener.
#include <algorithm>
#include <cstring>

#include "wsk/listen/listen_socket.h"

namespace owsk::wsk {

namespace {

// Cut where a character begins, and ended by the zeros that are there.
template <std::size_t size>
void copy_text(const std::string& text, CHAR (&out)[size]) noexcept {
    std::size_t length = std::min(text.size(), size - 1);
    const auto continues_at = [&](std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    while (length > 0 && continues_at(length)) {
        --length;
    }
    std::memcpy(out, text.data(), length);
}

}  // namespace

Result<OWSK_GATE> ListenSocket::gate() noexcept {
    OWSK_GATE gate = {};
    {
        SocketLock lock(mutex());
        net::Listener* const listener = core().listener_locked();
        if (!core().is_conditional_locked() || listener == nullptr) {
            return STATUS_INVALID_DEVICE_REQUEST;
        }
        copy_text(listener->gate().name, gate.Name);
        copy_text(listener->gate().reason, gate.Reason);
    }
    const GateCounters counters = services().network().gate_counters();
    gate.LateInspected = counters.late_inspected;
    gate.Retransmissions = counters.retransmissions;
    gate.Dropped = counters.dropped;
    gate.LateReset = counters.late_reset;
    gate.Invalid = counters.invalid;
    gate.NotUnderstood = counters.not_understood;
    gate.ResetsWithheld = counters.resets_withheld;
    gate.Lost = counters.lost;
    gate.ResetOverShare = counters.reset_over_share;
    return gate;
}

}  // namespace owsk::wsk
