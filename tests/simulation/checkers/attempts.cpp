// SPDX-License-Identifier: MIT
// The life of an inspected attempt as the driver sees it.
#include "simulation/checkers/attempts.h"

#include <ntstatus.h>

#include "base/status_name.h"

namespace owsk::scenarios {

namespace {

// The code of a simulation is slow now and then, but nobody has to wait for somebody else to come.
constexpr std::chrono::milliseconds inspected_within(100);

}  // namespace

void AttemptChecker::complain(const WSK_INSPECT_ID& id, const std::string& what) {
    complaints_.complain(name, "attempt " + std::to_string(id.SerialNumber) + ' ' + what);
}

AttemptChecker::Attempt& AttemptChecker::of(const void* listener,
                                            const WSK_INSPECT_ID& id,
                                            const char* what) {
    const auto entry = attempts_.find({listener, id.SerialNumber});
    if (entry == attempts_.end()) {
        complain(id, std::string(what) + ", and was never inspected");
    }
    return attempts_[{listener, id.SerialNumber}];
}

bool AttemptChecker::is_open(const Attempt& attempt) {
    return attempt.state == State::inspecting || attempt.state == State::pended ||
           attempt.state == State::admitted;
}

void AttemptChecker::inspected(const void* listener,
                               const WSK_INSPECT_ID& id,
                               std::chrono::nanoseconds waited) {
    if (!attempts_.try_emplace({listener, id.SerialNumber}).second) {
        complain(id, "was inspected twice");
    }
    if (waited > inspected_within) {
        const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(waited);
        complain(id, "was inspected only after " + std::to_string(time.count()) + " ms");
    }
}

void AttemptChecker::answered(const void* listener,
                              const WSK_INSPECT_ID& id,
                              WSK_INSPECT_ACTION action) {
    Attempt& attempt = of(listener, id, "was answered");
    if (attempt.state != State::inspecting) {
        if (attempt.state == State::aborted) {
            complain(id, "was aborted while WskInspectEvent was running");
        }
        return;  // WskInspectComplete was faster
    }
    attempt.state = action == WskInspectAccept ? State::admitted
                    : action == WskInspectPend ? State::pended
                                               : State::rejected;
    attempt.admitted = action == WskInspectAccept;
}

void AttemptChecker::completing(const void* listener, const WSK_INSPECT_ID& id) {
    Attempt& attempt = of(listener, id, "gets a verdict");
    if (attempt.deciding++ == 0) {
        attempt.is_late = attempt.state == State::aborted;
    }
}

void AttemptChecker::completed(const void* listener,
                               const WSK_INSPECT_ID& id,
                               WSK_INSPECT_ACTION action,
                               NTSTATUS status) {
    Attempt& attempt = of(listener, id, "got a verdict");
    --attempt.deciding;
    if (!NT_SUCCESS(status)) {
        if (attempt.state == State::pended && attempt.verdicts == 0 && attempt.deciding == 0 &&
            status != STATUS_NOT_FOUND) {
            complain(id, "was pended, and its verdict failed with " + status_name(status));
        }
        return;
    }
    if (++attempt.verdicts != 1) {
        complain(id, "took two verdicts");
    }
    if (attempt.is_late) {
        complain(id, "took a verdict after it had been aborted");
    }
    if (action == WskInspectReject) {
        if (attempt.state == State::delivered || attempt.state == State::aborted) {
            complain(id,
                     std::string("was rejected with success, and ") +
                         (attempt.state == State::aborted ? "aborted" : "delivered"));
        }
        attempt.state = State::rejected;
        return;
    }
    attempt.admitted = true;
    if (attempt.state == State::inspecting || attempt.state == State::pended) {
        attempt.state = State::admitted;
    }
}

void AttemptChecker::aborted(const void* listener, const WSK_INSPECT_ID& id) {
    Attempt& attempt = of(listener, id, "was aborted");
    if (attempt.state == State::aborted) {
        complain(id, "was aborted twice");
    } else if (attempt.state == State::rejected) {
        complain(id, "was aborted after it had been rejected");
    } else if (attempt.state == State::delivered) {
        complain(id, "was aborted after it had been delivered");
    } else if (attempt.state == State::inspecting) {
        complain(id, "was aborted before its WskInspectEvent had returned");
    }
    attempt.state = State::aborted;
}

void AttemptChecker::delivered(const void* listener, const WSK_INSPECT_ID& id) {
    Attempt& attempt = of(listener, id, "was delivered");
    if (attempt.state == State::aborted) {
        complain(id, "was delivered after it had been aborted");
    } else if (attempt.state == State::rejected) {
        complain(id, "was delivered after it had been rejected");
    } else if (attempt.state == State::delivered) {
        complain(id, "was delivered twice");
    } else if (!attempt.admitted && attempt.deciding == 0) {
        complain(id, "was delivered, and nobody had accepted it");
    }
    attempt.state = State::delivered;
}

void AttemptChecker::check_settled(const void* listener) {
    for (const auto& [key, attempt] : attempts_) {
        if (key.first == listener && is_open(attempt)) {
            complain({0, key.second},
                     attempt.state == State::pended ? "is pended, and nobody is there any more"
                                                    : "was accepted, and has neither been "
                                                      "delivered nor aborted");
        }
    }
}

void AttemptChecker::closed(const void* listener) {
    for (auto& [key, attempt] : attempts_) {
        if (key.first == listener && is_open(attempt)) {
            attempt.state = State::dropped;
        }
    }
}

void AttemptChecker::check_end() {
    for (const auto& [key, attempt] : attempts_) {
        if (is_open(attempt)) {
            complain({0, key.second}, "was never resolved");
        }
    }
}

}  // namespace owsk::scenarios
