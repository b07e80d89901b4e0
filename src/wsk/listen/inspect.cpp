// SPDX-License-Identifier: MIT
// Conditional accept: the driver inspects each connection request before it is established, at once
// (WskInspectEvent) or later (WskInspectComplete).
#include "base/planted.h"
#include "wsk/listen/listen_socket.h"
#include "wsk/socket/call_out.h"
#include "wsk/socket/move_to.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

bool ListenSocket::inspect_next_locked() noexcept {
    if (closing_ || state_ != ListenState::listening || uninspected_.empty()) {
        return false;
    }
    const std::shared_ptr<net::ConnectionAttempt> attempt = std::move(uninspected_.front());
    uninspected_.pop_front();
    const InspectId id = provider().new_inspect_id();
    inspections_.begin(attempt, id);
    mu_.unlock();
    SockaddrCopy local(attempt->local_address());
    SockaddrCopy remote(attempt->remote_address());
    // The driver may scribble on what it is shown.
    ShownInspectId shown(id);
    const WSK_INSPECT_ACTION action =
        call_out(dispatch_->WskInspectEvent, context_, local.get(), remote.get(), shown.get());
    apply_verdict(*attempt, action);
    mu_.lock();
    return true;
}

void ListenSocket::apply_verdict(net::ConnectionAttempt& attempt,
                                 WSK_INSPECT_ACTION action) noexcept {
    probe::RequestJudged judged = {
        attempt.local_address(), attempt.remote_address(), probe::Verdict::rejected, false};
    bool pended_first = false;
    bool aborted = false;
    {
        Lock lock(mu_);
        Inspection& inspection = *inspections_.find(attempt);
        aborted = inspection.state == InspectionState::aborted_meanwhile;
        if (action == WskInspectPend && inspection.early_verdict.has_value()) {
            action = *inspection.early_verdict;
            pended_first = true;
        }
        judged.verdict = apply_verdict_locked(inspection, action);
    }
    if (pended_first) {
        provider().probes().request_judged(
            {judged.local, judged.remote, probe::Verdict::pended, false});
        judged.late = true;
    }
    provider().probes().request_judged(judged);
    if (aborted && judged.verdict != probe::Verdict::rejected) {
        provider().probes().request_aborted(
            {judged.local, judged.remote, probe::AbortCause::client});
    }
}

probe::Verdict ListenSocket::apply_verdict_locked(Inspection& inspection,
                                                  WSK_INSPECT_ACTION action) noexcept {
    net::ConnectionAttempt* attempt = inspection.attempt.get();
    const bool aborted = inspection.state == InspectionState::aborted_meanwhile;
    const bool admitted = action == WskInspectAccept || action == WskInspectPend;
    if (!admitted) {
        // Anything but the three actions is a rejection, and a rejected request has no abort event.
        if (!aborted) {
            attempt->reject();
        }
        inspections_.forget(inspection);
        return probe::Verdict::rejected;
    }
    if (aborted) {
        move_to(inspection.state, InspectionState::aborted);
        aborted_.push_back(attempt);
    } else if (action == WskInspectAccept) {
        move_to(inspection.state, InspectionState::establishing);
        attempt->accept();
    } else {
        move_to(inspection.state, InspectionState::pended);
    }
    return action == WskInspectAccept ? probe::Verdict::accepted : probe::Verdict::pended;
}

Result<probe::RequestJudged> ListenSocket::resolve_locked(InspectId id,
                                                          WSK_INSPECT_ACTION action) noexcept {
    Inspection* const found = inspections_.find(id);
    if (found == nullptr) {
        return STATUS_NOT_FOUND;
    }
    Inspection& inspection = *found;
    const net::ConnectionAttempt& attempt = *inspection.attempt;
    probe::RequestJudged judged = {
        attempt.local_address(), attempt.remote_address(), probe::Verdict::accepted, true};
    if (inspection.state == InspectionState::pended) {
        judged.verdict = apply_verdict_locked(inspection, action);
        return judged;
    }
    if (OWSK_PLANTED(verdict_after_abort) && inspection.state == InspectionState::aborted) {
        return judged;
    }
    const bool running = inspection.state == InspectionState::inspecting ||
                         inspection.state == InspectionState::aborted_meanwhile;
    if (!running || inspection.early_verdict.has_value()) {
        return STATUS_NOT_FOUND;
    }
    inspection.early_verdict = action;
    judged.verdict = probe::Verdict::pended;
    return judged;
}

NTSTATUS ListenSocket::complete_inspection(const WSK_INSPECT_ID* id,
                                           WSK_INSPECT_ACTION action,
                                           PIRP irp) noexcept {
    const Request request = begin(irp, Operation::inspect);
    if (id == nullptr || (action != WskInspectAccept && action != WskInspectReject)) {
        return finish(request, STATUS_INVALID_PARAMETER);
    }
    Result<probe::RequestJudged> judged = STATUS_INVALID_DEVICE_REQUEST;
    {
        Lock lock(mu_);
        if (state_ == ListenState::failed) {
            judged = STATUS_FILE_FORCED_CLOSED;
        } else if (conditional_) {
            judged = resolve_locked(InspectId::from(*id), action);
        }
    }
    if (judged && judged->verdict != probe::Verdict::pended) {
        provider().probes().request_judged(*judged);
    }
    return finish(request, judged.status());
}

void ListenSocket::on_established(net::ConnectionAttempt& attempt,
                                  std::unique_ptr<net::Connection> connection) noexcept {
    Lock lock(mu_);
    const Inspection* const inspection = inspections_.find(attempt);
    OWSK_ASSERT(inspection != nullptr && inspection->state == InspectionState::establishing);
    established_.push_back({std::move(connection), inspection->id, attempt.arrived_at()});
    inspections_.forget(*inspection);
    want_turn_locked();
}

}  // namespace owsk::wsk
