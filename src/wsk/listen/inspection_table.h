// SPDX-License-Identifier: MIT
// InspectionTable: the attempts at a conditional listener that the driver was asked about and that
// are not settled yet, found by the network's attempt or by the driver's identifier.
#pragma once

#include <wsk.h>

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "net/attempt_state.h"
#include "net/network.h"
#include "wsk/socket/inspect_id.h"

namespace owsk::wsk {

struct Inspection {
    Inspection(std::shared_ptr<net::ConnectionAttempt> inspected, InspectId inspect_id) noexcept
        : attempt(std::move(inspected)), id(inspect_id) {}

    // Waits for WskInspectComplete.
    bool is_pended() const noexcept { return !is_in_callback && life.is_held(); }
    bool is_aborted() const noexcept { return life.state() == net::AttemptState::aborted; }

    const std::shared_ptr<net::ConnectionAttempt> attempt;
    const InspectId id;
    // What the driver knows of it. That of the gate may be further.
    net::AttemptLife life;
    bool is_in_callback = true;  // WskInspectEvent is running
    // WskInspectComplete came while WskInspectEvent was still running.
    std::optional<WSK_INSPECT_ACTION> early_verdict = {};
};

// The socket's lock guards it.
class InspectionTable {
  public:
    void begin(std::shared_ptr<net::ConnectionAttempt> attempt, InspectId id) {
        const net::ConnectionAttempt* const key = attempt.get();
        const auto [entry, is_new] = by_attempt_.try_emplace(key, std::move(attempt), id);
        OWSK_ASSERT(is_new);
        by_number_[id.number] = &entry->second;
    }
    // Null if there is none.
    Inspection* find(const net::ConnectionAttempt& attempt) noexcept {
        const auto entry = by_attempt_.find(&attempt);
        return entry == by_attempt_.end() ? nullptr : &entry->second;
    }
    Inspection* find(InspectId id) noexcept {
        const auto entry = by_number_.find(id.number);
        return entry == by_number_.end() ? nullptr : entry->second;
    }
    // In no order.
    template <typename Look>
    void for_each(Look&& look) const {
        for (const auto& [attempt, inspection] : by_attempt_) {
            look(inspection);
        }
    }
    // It is settled.
    void forget(const Inspection& inspection) noexcept {
        by_number_.erase(inspection.id.number);
        by_attempt_.erase(inspection.attempt.get());
    }

  private:
    std::unordered_map<const net::ConnectionAttempt*, Inspection> by_attempt_;
    std::unordered_map<std::uint64_t, Inspection*> by_number_;
};

}  // namespace owsk::wsk
