// SPDX-License-Identifier: MIT
// WskAbortEvent: attempts that go away before they are established are forgotten if nobody was
// asked, and reported if the driver has pended or accepted them.
#include <algorithm>

#include "base/assert.h"
#include "wsk/listen/inspections.h"

namespace owsk::wsk {

void Inspections::note_aborted(net::ConnectionAttempt& attempt) noexcept {
    probe::AttemptAborted record = {
        attempt.local_address(), attempt.remote_address(), probe::AbortCause::client};
    {
        SocketLock lock(core_.socket().mutex());
        Inspection* const inspection = table_.find(attempt);
        if (inspection == nullptr) {
            const auto is_it = [&](const auto& waiting) { return waiting.get() == &attempt; };
            if (std::erase_if(uninspected_, is_it) == 0) {
                // The driver has rejected it before it heard of this, and so it counts.
                return;
            }
        } else {
            const bool is_news = inspection->life.abort();
            OWSK_ASSERT(is_news);
            if (inspection->is_in_callback) {
                // The verdict says whether it counts as aborted or as rejected.
                return;
            }
            aborted_.push_back(&attempt);
            core_.turn_of_inspections().want_locked();
        }
        if (core_.socket().is_closing_locked()) {
            record.cause = probe::AbortCause::listener_closed;
        }
    }
    core_.socket().services().probes().attempt_aborted(record);
}

// An attempt is inspected before one that has gone is reported.
bool Inspections::step_locked() noexcept {
    return inspect_next_locked() || report_next_abort_locked();
}

void Inspections::add_locked(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept {
    uninspected_.push_back(std::move(attempt));
}

bool Inspections::report_next_abort_locked() noexcept {
    if (core_.socket().is_closing_locked() || aborted_.empty()) {
        return false;
    }
    Inspection& inspection = *table_.find(*aborted_.front());
    aborted_.pop_front();
    const bool is_due = inspection.life.announce_abort();
    OWSK_ASSERT(is_due);
    const InspectId id = inspection.id;
    table_.forget(inspection);
    static_cast<void>(core_.socket().call_driver_locked(
        Socket::no_event, [&] { return core_.callbacks().abort(id); }));
    return true;
}

}  // namespace owsk::wsk
