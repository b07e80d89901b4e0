// SPDX-License-Identifier: MIT
// Inspections: conditional accept. The driver inspects each connection attempt before it is
// established, at once (WskInspectEvent) or later (WskInspectComplete), and hears of those that go
// away after that (WskAbortEvent).
#pragma once

#include <openwsk/held_attempt.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "wsk/listen/inspection_table.h"
#include "wsk/listen/listen_core.h"

namespace owsk::wsk {

class Inspections {
  public:
    explicit Inspections(ListenCore& core) noexcept : core_(core) {}

    // An attempt has come to the gate.
    void add_locked(std::shared_ptr<net::ConnectionAttempt> attempt) noexcept
        OWSK_REQUIRES(socket_mutex);
    // An attempt that was accepted is established, and no longer ours.
    InspectId settle_locked(const net::ConnectionAttempt& attempt) noexcept
        OWSK_REQUIRES(socket_mutex);
    // An attempt has gone away.
    void note_aborted(net::ConnectionAttempt& attempt) noexcept OWSK_EXCLUDES(socket_mutex);

    // WskInspectComplete.
    NTSTATUS complete(const WSK_INSPECT_ID* id, WSK_INSPECT_ACTION action, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);

    // Asks about the next attempt, or reports the next one that has gone. False when there is
    // nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // WskInspectEvent without an attempt, once: the listener has failed. False when there is
    // nothing to do.
    bool announce_failure_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // Adds those that are not settled.
    void list_held_locked(std::vector<HeldAttempt>& held, Instant now) const
        OWSK_REQUIRES(socket_mutex);

  private:
    bool inspect_next_locked() noexcept OWSK_REQUIRES(socket_mutex);
    bool report_next_abort_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Carries out what WskInspectEvent has answered.
    void apply_verdict(net::ConnectionAttempt& attempt, WSK_INSPECT_ACTION action) noexcept
        OWSK_EXCLUDES(socket_mutex);
    probe::Verdict apply_verdict_locked(Inspection& inspection, WSK_INSPECT_ACTION action) noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<probe::AttemptJudged> resolve_locked(InspectId id, WSK_INSPECT_ACTION action) noexcept
        OWSK_REQUIRES(socket_mutex);

    ListenCore& core_;
    std::deque<std::shared_ptr<net::ConnectionAttempt>> uninspected_ OWSK_GUARDED_BY(socket_mutex);
    InspectionTable table_ OWSK_GUARDED_BY(socket_mutex);
    std::deque<net::ConnectionAttempt*> aborted_ OWSK_GUARDED_BY(socket_mutex);
    bool failure_announced_ OWSK_GUARDED_BY(socket_mutex) = false;
};

}  // namespace owsk::wsk
