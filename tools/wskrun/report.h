// SPDX-License-Identifier: MIT
// Report: the summary of a run, at its end and on request before it.
#pragma once

#include <openwsk/machine.h>
#include <openwsk/summary.h>
#include <openwsk/text_trace.h>

#include <mutex>

namespace wskrun {

class Report {
  public:
    // Writes to `trace`.
    Report(owsk::trace::TextTrace& trace, const owsk::trace::Summary& summary) noexcept
        : trace_(trace), summary_(summary) {}

    // The machine lives until it is forgotten.
    void watch(const owsk::Machine& machine);
    void forget_machine();

    // What has happened so far and what is open. From any thread, at any time.
    void write_so_far();
    void write_summary();

    // Threads that spin for ever, perhaps; empty: none. From any thread, at any time.
    std::string stuck_threads();

  private:
    void write_machine_lines();

    owsk::trace::TextTrace& trace_;
    const owsk::trace::Summary& summary_;
    std::mutex mutex_;
    const owsk::Machine* machine_ = nullptr;
};

}  // namespace wskrun
