// SPDX-License-Identifier: MIT
// AttemptChecker: every attempt that is inspected is resolved once - rejected, delivered
// as a socket, or reported as aborted - and in an order that makes sense.
#pragma once

#include <wsk.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

class AttemptChecker {
  public:
    static constexpr const char* name = "attempts";

    explicit AttemptChecker(Complaints& complaints) : complaints_(complaints) {}

    // `listener` tells listeners apart; the serial number tells attempts apart.
    // WskInspectEvent was called, so long after the client began, and is about to return.
    void inspected(const void* listener,
                   const WSK_INSPECT_ID& id,
                   std::chrono::nanoseconds waited = {});
    void answered(const void* listener, const WSK_INSPECT_ID& id, WSK_INSPECT_ACTION action);
    // WskInspectComplete is about to be called, and has completed.
    void completing(const void* listener, const WSK_INSPECT_ID& id);
    void completed(const void* listener,
                   const WSK_INSPECT_ID& id,
                   WSK_INSPECT_ACTION action,
                   NTSTATUS status);
    void aborted(const void* listener, const WSK_INSPECT_ID& id);
    void delivered(const void* listener, const WSK_INSPECT_ID& id);
    // Nothing that was admitted may be open any more: the clients are gone, and have been accepted.
    void check_settled(const void* listener);
    // What was open when the listener closed ends without a word.
    void closed(const void* listener);
    void check_end();

  private:
    enum class State { inspecting, pended, admitted, rejected, aborted, delivered, dropped };
    struct Attempt {
        State state = State::inspecting;
        unsigned verdicts = 0;  // completions of WskInspectComplete that succeeded
        unsigned deciding = 0;  // calls of it that run
        bool admitted = false;
        bool is_late = false;  // it was aborted before WskInspectComplete was called
    };
    using Key = std::pair<const void*, ULONG>;

    Attempt& of(const void* listener, const WSK_INSPECT_ID& id, const char* what);
    void complain(const WSK_INSPECT_ID& id, const std::string& what);
    static bool is_open(const Attempt& attempt);

    Complaints& complaints_;
    std::map<Key, Attempt> attempts_;
};

}  // namespace owsk::scenarios
