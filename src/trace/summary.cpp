// SPDX-License-Identifier: MIT
// The counters, and the line that shows them.
#include <openwsk/summary.h>

namespace owsk::trace {

namespace {

// What happens seldom is only told when it has happened.
void tell(std::string& line, std::uint64_t count, const char* what) {
    if (count != 0) {
        line += ", " + std::to_string(count) + " " + what;
    }
}

}  // namespace

std::string Summary::counts() const {
    const std::uint64_t accepted = accepted_;
    return std::to_string(accepted) + (accepted == 1 ? " connection" : " connections") +
           " accepted, " + (made_ == 0 ? "" : std::to_string(made_) + " made, ") +
           std::to_string(rejected_) + " rejected, " + std::to_string(aborted_) + " aborted, " +
           std::to_string(declined_) + " declined; " + std::to_string(bytes_received_) +
           " bytes received, " + std::to_string(bytes_sent_) + " bytes sent";
}

std::string Summary::line() const {
    const std::uint64_t leaks = leaks_;
    return "summary: " + counts() + "; " + (leaks == 0 ? "no" : std::to_string(leaks)) +
           (leaks == 1 ? " leak" : " leaks");
}

std::string Summary::line_so_far() const {
    return "so far: " + counts();
}

std::string Summary::gate_line(const GateCounters& gates) const {
    if (!has_conditional_listener_) {
        return {};
    }
    const std::uint64_t inspected = inspected_;
    std::string line =
        "conditional accept: " + std::to_string(inspected) +
        (inspected == 1 ? " attempt" : " attempts") + " inspected (" +
        std::to_string(gates.late_inspected) + " late), " + std::to_string(pended_) + " pended, " +
        std::to_string(admitted_) + " accepted, " + std::to_string(rejected_) + " rejected, " +
        std::to_string(aborted_) + " aborted; " + std::to_string(gates.retransmissions) +
        " retransmissions swallowed, " + std::to_string(gates.dropped) + " dropped at the bound";
    tell(line, gates.late_reset, "late reset unasked");
    tell(line, gates.invalid, "dropped as invalid");
    tell(line, gates.not_understood, "dropped as not understood");
    tell(line, gates.resets_withheld, "resets withheld");
    tell(line, gates.lost, "lost in the queues of the kernel");
    tell(line, gates.reset_over_share, "reset above the share of their client");
    return line;
}

void Summary::listener_bound(const probe::ListenerBound& record) noexcept {
    if (record.conditional) {
        has_conditional_listener_ = true;
    }
}

void Summary::attempt_judged(const probe::AttemptJudged& record) noexcept {
    if (!record.late) {
        ++inspected_;
    }
    switch (record.verdict) {
        case probe::Verdict::accepted:
            ++admitted_;
            break;
        case probe::Verdict::rejected:
            ++rejected_;
            break;
        case probe::Verdict::pended:
            ++pended_;
            break;
    }
}

void Summary::attempt_aborted(const probe::AttemptAborted&) noexcept {
    ++aborted_;
}

void Summary::connection_accepted(const probe::ConnectionAccepted&) noexcept {
    ++accepted_;
}

void Summary::connection_made(const probe::ConnectionMade&) noexcept {
    ++made_;
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
