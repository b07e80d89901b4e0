// SPDX-License-Identifier: MIT
// What a listening socket holds, for reports.
#include "wsk/listen/listen_socket.h"

namespace owsk::wsk {

namespace {

const char* state_for_people(InspectionState state) noexcept {
    switch (state) {
        case InspectionState::inspecting:
            return "in WskInspectEvent";
        case InspectionState::aborted_meanwhile:
            return "in WskInspectEvent, and gone";
        case InspectionState::pended:
            return "pended";
        case InspectionState::establishing:
            return "accepted, not yet established";
        case InspectionState::aborted:
            return "gone, before WskAbortEvent";
    }
    return "";
}

}  // namespace

void ListenSocket::list_held(std::vector<HeldRequest>& held) {
    const Instant now = provider().system().host().clock().now();
    const auto add = [&](const net::ConnectionAttempt& attempt, const char* state) {
        held.push_back(
            {attempt.local_address(), attempt.remote_address(), state, now - attempt.arrived_at()});
    };
    Lock lock(mu_);
    for (const auto& attempt : uninspected_) {
        add(*attempt, "before WskInspectEvent");
    }
    inspections_.for_each([&](const Inspection& inspection) {
        add(*inspection.attempt, state_for_people(inspection.state));
    });
    if (listener_ != nullptr) {
        listener_->list_in_line(held, now);
    }
    for (const Established& established : established_) {
        held.push_back({established.connection->local_address(),
                        established.connection->remote_address(),
                        "established, before WskAccept",
                        now - established.since});
    }
}

}  // namespace owsk::wsk
