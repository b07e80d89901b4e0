// SPDX-License-Identifier: MIT
// What sockets that listen hold, for reports.
#include "wsk/listen/inspections.h"
#include "wsk/listen/listening.h"

namespace owsk::wsk {

namespace {

const char* state_for_people(const Inspection& inspection) noexcept {
    if (inspection.is_in_callback) {
        return inspection.is_aborted() ? "in WskInspectEvent, and gone" : "in WskInspectEvent";
    }
    if (inspection.is_pended()) {
        return "pended";
    }
    return inspection.is_aborted() ? "gone, before WskAbortEvent" : "accepted, not yet established";
}

}  // namespace

void Inspections::list_held_locked(std::vector<HeldAttempt>& held, Instant now) const {
    const auto add = [&](const net::ConnectionAttempt& attempt, const char* state) {
        held.push_back(
            {attempt.local_address(), attempt.remote_address(), state, now - attempt.arrived_at()});
    };
    for (const auto& attempt : uninspected_) {
        add(*attempt, "before WskInspectEvent");
    }
    table_.for_each([&](const Inspection& inspection) {
        add(*inspection.attempt, state_for_people(inspection));
    });
}

void Listening::list_held(std::vector<HeldAttempt>& held) {
    Socket& socket = core_.socket();
    const Instant now = socket.services().now();
    SocketLock lock(socket.mutex());
    list_attempts_locked(held, now);
    if (net::Listener* const listener = core_.listener_locked()) {
        listener->list_in_line(held, now);
    }
    acceptor_.list_held_locked(held, now);
}

}  // namespace owsk::wsk
