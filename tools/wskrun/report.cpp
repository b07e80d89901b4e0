// SPDX-License-Identifier: MIT
// The lines of the summary.
#include "report.h"

#include <string>

#include "held.h"

namespace wskrun {

void Report::watch(const owsk::Machine& machine) {
    const std::lock_guard guard(mutex_);
    machine_ = &machine;
}

void Report::forget_machine() {
    const std::lock_guard guard(mutex_);
    machine_ = nullptr;
}

void Report::write_so_far() {
    const std::lock_guard guard(mutex_);
    trace_.write_line(summary_.line_so_far());
    write_machine_lines();
    if (machine_ != nullptr) {
        const std::string open = machine_->open_things();
        trace_.write_line("now: " + (open.empty() ? "nothing is open" : open));
        const std::string spinning = machine_->spinning_threads();
        if (!spinning.empty()) {
            trace_.write_line("now: " + spinning);
        }
        for (const std::string& line : held_lines(machine_->held_attempts())) {
            trace_.write_line(line);
        }
    }
}

void Report::write_summary() {
    const std::lock_guard guard(mutex_);
    trace_.write_line(summary_.line());
    write_machine_lines();
}

std::string Report::stuck_threads() {
    const std::lock_guard guard(mutex_);
    return machine_ != nullptr ? machine_->spinning_threads() : "";
}

void Report::write_machine_lines() {
    if (machine_ == nullptr) {
        return;
    }
    for (const std::string& line :
         {summary_.gate_line(machine_->gate_counters()), machine_->faults().line()}) {
        if (!line.empty()) {
            trace_.write_line(line);
        }
    }
}

}  // namespace wskrun
