// SPDX-License-Identifier: MIT
// What is left over at the end.
#include "simulation/checkers/leaks.h"

namespace owsk::scenarios {

void LeakChecker::leak(const probe::Leak& record) noexcept {
    leaks_.push_back(std::string(record.kind) + ": " + record.description);
}

void LeakChecker::connection_accepted(const probe::ConnectionAccepted&) noexcept {
    ++delivered_;
}

void LeakChecker::connection_made(const probe::ConnectionMade&) noexcept {
    ++delivered_;
}

void LeakChecker::connection_declined(const probe::ConnectionDeclined&) noexcept {
    ++delivered_;
}

void LeakChecker::connection_closed(const probe::ConnectionClosed&) noexcept {
    ++closed_;
}

void LeakChecker::check_stopped(std::uint64_t owned) {
    if (owned != 0 || !leaks_.empty()) {
        complaints_.complain(name,
                             std::to_string(owned) + " left" +
                                 (leaks_.empty() ? "" : ", the first a " + leaks_.front()));
    }
    if (delivered_ != closed_) {
        complaints_.complain(name,
                             std::to_string(delivered_) +
                                 " connections were accepted or made, and " +
                                 std::to_string(closed_) + " closed");
    }
}

}  // namespace owsk::scenarios
