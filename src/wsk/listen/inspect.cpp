// SPDX-License-Identifier: MIT
// WskInspectEvent and WskInspectComplete: the driver's verdicts, and when they count.
#include "base/assert.h"
#include "base/planted.h"
#include "wsk/listen/inspections.h"

namespace owsk::wsk {

bool Inspections::inspect_next_locked() noexcept {
    if (!core_.is_listening_locked() || uninspected_.empty()) {
        return false;
    }
    const std::shared_ptr<net::ConnectionAttempt> attempt = std::move(uninspected_.front());
    uninspected_.pop_front();
    const InspectId id{core_.socket().services().next_inspect_number()};
    table_.begin(attempt, id);
    core_.socket().mutex().unlock();
    const WSK_INSPECT_ACTION action =
        core_.callbacks().inspect(attempt->local_address(), attempt->remote_address(), id);
    apply_verdict(*attempt, action);
    core_.socket().mutex().lock();
    return true;
}

void Inspections::apply_verdict(net::ConnectionAttempt& attempt,
                                WSK_INSPECT_ACTION action) noexcept {
    probe::AttemptJudged judged = {
        attempt.local_address(), attempt.remote_address(), probe::Verdict::rejected, false};
    bool pended_first = false;
    bool aborted = false;
    {
        SocketLock lock(core_.socket().mutex());
        Inspection& inspection = *table_.find(attempt);
        inspection.is_in_callback = false;
        aborted = inspection.is_aborted();
        if (action == WskInspectPend && inspection.early_verdict.has_value()) {
            action = *inspection.early_verdict;
            pended_first = true;
        }
        judged.verdict = apply_verdict_locked(inspection, action);
    }
    if (pended_first) {
        core_.socket().services().probes().attempt_judged(
            {judged.local, judged.remote, probe::Verdict::pended, false});
        judged.late = true;
    }
    core_.socket().services().probes().attempt_judged(judged);
    if (aborted && judged.verdict != probe::Verdict::rejected) {
        core_.socket().services().probes().attempt_aborted(
            {judged.local, judged.remote, probe::AbortCause::client});
    }
}

probe::Verdict Inspections::apply_verdict_locked(Inspection& inspection,
                                                 WSK_INSPECT_ACTION action) noexcept {
    net::ConnectionAttempt& attempt = *inspection.attempt;
    if (action == WskInspectAccept) {
        if (inspection.life.accept()) {
            attempt.accept();
        }
    } else if (action != WskInspectPend) {
        // Anything but the three actions is a rejection, and a rejected attempt has no abort event.
        if (inspection.life.reject()) {
            attempt.reject();
        }
        table_.forget(inspection);
        return probe::Verdict::rejected;
    }
    if (inspection.is_aborted()) {
        aborted_.push_back(&attempt);
    }
    return action == WskInspectAccept ? probe::Verdict::accepted : probe::Verdict::pended;
}

Result<probe::AttemptJudged> Inspections::resolve_locked(InspectId id,
                                                         WSK_INSPECT_ACTION action) noexcept {
    Inspection* const found = table_.find(id);
    if (found == nullptr) {
        return STATUS_NOT_FOUND;
    }
    Inspection& inspection = *found;
    const net::ConnectionAttempt& attempt = *inspection.attempt;
    probe::AttemptJudged judged = {
        attempt.local_address(), attempt.remote_address(), probe::Verdict::accepted, true};
    if (inspection.is_pended()) {
        judged.verdict = apply_verdict_locked(inspection, action);
        return judged;
    }
    if (OWSK_PLANTED(verdict_after_abort) && !inspection.is_in_callback &&
        inspection.is_aborted()) {
        return judged;
    }
    if (!inspection.is_in_callback || inspection.early_verdict.has_value()) {
        return STATUS_NOT_FOUND;
    }
    inspection.early_verdict = action;
    judged.verdict = probe::Verdict::pended;
    return judged;
}

NTSTATUS Inspections::complete(const WSK_INSPECT_ID* id,
                               WSK_INSPECT_ACTION action,
                               PIRP irp) noexcept {
    const Request request = core_.socket().begin(irp, Operation::inspect);
    if (id == nullptr || (action != WskInspectAccept && action != WskInspectReject)) {
        return core_.socket().finish(request, STATUS_INVALID_PARAMETER);
    }
    Result<probe::AttemptJudged> judged = STATUS_INVALID_DEVICE_REQUEST;
    {
        SocketLock lock(core_.socket().mutex());
        if (core_.state_locked() == ListenState::failed) {
            judged = STATUS_FILE_FORCED_CLOSED;
        } else if (core_.is_conditional_locked()) {
            judged = resolve_locked(InspectId::from(*id), action);
        }
    }
    if (judged && judged->verdict != probe::Verdict::pended) {
        core_.socket().services().probes().attempt_judged(*judged);
    }
    return core_.socket().finish(request, judged.status());
}

InspectId Inspections::settle_locked(const net::ConnectionAttempt& attempt) noexcept {
    Inspection* const inspection = table_.find(attempt);
    const bool was_accepted = inspection != nullptr && inspection->life.establish();
    OWSK_ASSERT(was_accepted);
    const InspectId id = inspection->id;
    table_.forget(*inspection);
    return id;
}

bool Inspections::announce_failure_locked() noexcept {
    if (!core_.has_failed_locked() || failure_announced_ || !core_.is_conditional_locked()) {
        return false;
    }
    failure_announced_ = true;
    static_cast<void>(core_.socket().call_driver_locked(
        Socket::no_event, [&] { return core_.callbacks().inspect_nothing(); }));
    return true;
}

}  // namespace owsk::wsk
