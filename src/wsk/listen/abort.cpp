// SPDX-License-Identifier: MIT
// Requests that go away before they are established: forgotten if nobody was asked, reported by
// WskAbortEvent if the driver has pended or accepted them.
#include <algorithm>

#include "wsk/listen/listen_socket.h"
#include "wsk/socket/call_out.h"
#include "wsk/socket/move_to.h"

namespace owsk::wsk {

void ListenSocket::on_aborted(net::ConnectionAttempt& attempt) noexcept {
    probe::RequestAborted record = {
        attempt.local_address(), attempt.remote_address(), probe::AbortCause::client};
    {
        Lock lock(mu_);
        Inspection* const inspection = inspections_.find(attempt);
        if (inspection == nullptr) {
            const auto is_it = [&](const auto& waiting) { return waiting.get() == &attempt; };
            if (std::erase_if(uninspected_, is_it) == 0) {
                // The driver has rejected it before it heard of this, and so it counts.
                return;
            }
        } else if (inspection->state == InspectionState::inspecting) {
            // The verdict says whether it counts as aborted or as rejected.
            move_to(inspection->state, InspectionState::aborted_meanwhile);
            return;
        } else {
            move_to(inspection->state, InspectionState::aborted);
            aborted_.push_back(&attempt);
            want_turn_locked();
        }
        if (closing_) {
            record.cause = probe::AbortCause::listener_closed;
        }
    }
    provider().probes().request_aborted(record);
}

bool ListenSocket::report_next_abort_locked() noexcept {
    if (closing_ || aborted_.empty()) {
        return false;
    }
    const Inspection& inspection = *inspections_.find(*aborted_.front());
    aborted_.pop_front();
    ShownInspectId id(inspection.id);
    inspections_.forget(inspection);
    mu_.unlock();
    static_cast<void>(call_out(dispatch_->WskAbortEvent, context_, id.get()));
    mu_.lock();
    return true;
}

}  // namespace owsk::wsk
