// SPDX-License-Identifier: MIT
// Inspections: the requests of a conditional listener that the driver was asked about and that are
// not settled yet, found by the network's attempt or by the driver's identifier.
#pragma once

#include <wsk.h>

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "net/network.h"
#include "wsk/listen/state.h"
#include "wsk/socket/inspect_id.h"

namespace owsk::wsk {

struct Inspection {
    std::shared_ptr<net::ConnectionAttempt> attempt;
    InspectId id;
    InspectionState state = InspectionState::inspecting;
    // WskInspectComplete came while WskInspectEvent was still running.
    std::optional<WSK_INSPECT_ACTION> early_verdict = {};
};

// The owner's lock guards it.
class Inspections {
  public:
    void begin(std::shared_ptr<net::ConnectionAttempt> attempt, InspectId id) {
        net::ConnectionAttempt* const key = attempt.get();
        Inspection& inspection = by_attempt_[key];
        inspection = {std::move(attempt), id};
        by_number_[id.number] = &inspection;
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
