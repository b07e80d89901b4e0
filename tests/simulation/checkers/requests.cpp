// SPDX-License-Identifier: MIT
// The life of an inspected request as the driver sees it.
#include "simulation/checkers/requests.h"

#include <ntstatus.h>

#include "base/status_name.h"

namespace owsk::scenarios {

namespace {

// The code of a simulation is slow now and then, but nobody has to wait for somebody else to come.
constexpr std::chrono::milliseconds inspected_within(100);

}  // namespace

void RequestChecker::complain(const WSK_INSPECT_ID& id, const std::string& what) {
    complaints_.complain(name, "request " + std::to_string(id.SerialNumber) + ' ' + what);
}

RequestChecker::Request& RequestChecker::of(const void* listener,
                                            const WSK_INSPECT_ID& id,
                                            const char* what) {
    const auto entry = requests_.find({listener, id.SerialNumber});
    if (entry == requests_.end()) {
        complain(id, std::string(what) + ", and was never inspected");
    }
    return requests_[{listener, id.SerialNumber}];
}

bool RequestChecker::is_open(const Request& request) {
    return request.state == State::inspecting || request.state == State::pended ||
           request.state == State::admitted;
}

void RequestChecker::inspected(const void* listener,
                               const WSK_INSPECT_ID& id,
                               std::chrono::nanoseconds waited) {
    if (!requests_.try_emplace({listener, id.SerialNumber}).second) {
        complain(id, "was inspected twice");
    }
    if (waited > inspected_within) {
        const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(waited);
        complain(id, "was inspected only after " + std::to_string(time.count()) + " ms");
    }
}

void RequestChecker::answered(const void* listener,
                              const WSK_INSPECT_ID& id,
                              WSK_INSPECT_ACTION action) {
    Request& request = of(listener, id, "was answered");
    if (request.state != State::inspecting) {
        if (request.state == State::aborted) {
            complain(id, "was aborted while WskInspectEvent was running");
        }
        return;  // WskInspectComplete was faster
    }
    request.state = action == WskInspectAccept ? State::admitted
                    : action == WskInspectPend ? State::pended
                                               : State::rejected;
    request.admitted = action == WskInspectAccept;
}

void RequestChecker::completing(const void* listener, const WSK_INSPECT_ID& id) {
    Request& request = of(listener, id, "gets a verdict");
    if (request.deciding++ == 0) {
        request.is_late = request.state == State::aborted;
    }
}

void RequestChecker::completed(const void* listener,
                               const WSK_INSPECT_ID& id,
                               WSK_INSPECT_ACTION action,
                               NTSTATUS status) {
    Request& request = of(listener, id, "got a verdict");
    --request.deciding;
    if (!NT_SUCCESS(status)) {
        if (request.state == State::pended && request.verdicts == 0 && request.deciding == 0 &&
            status != STATUS_NOT_FOUND) {
            complain(id, "was pended, and its verdict failed with " + status_name(status));
        }
        return;
    }
    if (++request.verdicts != 1) {
        complain(id, "took two verdicts");
    }
    if (request.is_late) {
        complain(id, "took a verdict after it had been aborted");
    }
    if (action == WskInspectReject) {
        if (request.state == State::delivered || request.state == State::aborted) {
            complain(id,
                     std::string("was rejected with success, and ") +
                         (request.state == State::aborted ? "aborted" : "delivered"));
        }
        request.state = State::rejected;
        return;
    }
    request.admitted = true;
    if (request.state == State::inspecting || request.state == State::pended) {
        request.state = State::admitted;
    }
}

void RequestChecker::aborted(const void* listener, const WSK_INSPECT_ID& id) {
    Request& request = of(listener, id, "was aborted");
    if (request.state == State::aborted) {
        complain(id, "was aborted twice");
    } else if (request.state == State::rejected) {
        complain(id, "was aborted after it had been rejected");
    } else if (request.state == State::delivered) {
        complain(id, "was aborted after it had been delivered");
    } else if (request.state == State::inspecting) {
        complain(id, "was aborted before its WskInspectEvent had returned");
    }
    request.state = State::aborted;
}

void RequestChecker::delivered(const void* listener, const WSK_INSPECT_ID& id) {
    Request& request = of(listener, id, "was delivered");
    if (request.state == State::aborted) {
        complain(id, "was delivered after it had been aborted");
    } else if (request.state == State::rejected) {
        complain(id, "was delivered after it had been rejected");
    } else if (request.state == State::delivered) {
        complain(id, "was delivered twice");
    } else if (!request.admitted && request.deciding == 0) {
        complain(id, "was delivered, and nobody had accepted it");
    }
    request.state = State::delivered;
}

void RequestChecker::check_settled(const void* listener) {
    for (const auto& [key, request] : requests_) {
        if (key.first == listener && is_open(request)) {
            complain({0, key.second},
                     request.state == State::pended ? "is pended, and nobody is there any more"
                                                    : "was accepted, and has neither been "
                                                      "delivered nor aborted");
        }
    }
}

void RequestChecker::closed(const void* listener) {
    for (auto& [key, request] : requests_) {
        if (key.first == listener && is_open(request)) {
            request.state = State::dropped;
        }
    }
}

void RequestChecker::check_end() {
    for (const auto& [key, request] : requests_) {
        if (is_open(request)) {
            complain({0, key.second}, "was never resolved");
        }
    }
}

}  // namespace owsk::scenarios
