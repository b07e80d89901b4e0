// SPDX-License-Identifier: MIT
// The counters, and the line that shows them.
#include <openwsk/summary.h>

namespace owsk::trace {

std::string Summary::line() const {
    const std::uint64_t accepted = accepted_;
    const std::uint64_t leaks = leaks_;
    return "summary: " + std::to_string(accepted) +
           (accepted == 1 ? " connection" : " connections") + " accepted, " +
           std::to_string(rejected_) + " rejected, " + std::to_string(aborted_) + " aborted, " +
           std::to_string(declined_) + " declined; " + std::to_string(bytes_received_) +
           " bytes received, " + std::to_string(bytes_sent_) + " bytes sent; " +
           (leaks == 0 ? "no" : std::to_string(leaks)) + (leaks == 1 ? " leak" : " leaks");
}

void Summary::request_judged(const probe::RequestJudged& record) noexcept {
    if (record.verdict == probe::Verdict::rejected) {
        ++rejected_;
    }
}

void Summary::request_aborted(const probe::RequestAborted&) noexcept {
    ++aborted_;
}

void Summary::connection_accepted(const probe::ConnectionAccepted&) noexcept {
    ++accepted_;
}

void Summary::connection_declined(const probe::ConnectionDeclined&) noexcept {
    ++declined_;
}

void Summary::connection_closed(const probe::ConnectionClosed& record) noexcept {
    bytes_received_ += record.bytes_received;
    bytes_sent_ += record.bytes_sent;
}

void Summary::leak(const probe::Leak&) noexcept {
    ++leaks_;
}

}  // namespace owsk::trace
