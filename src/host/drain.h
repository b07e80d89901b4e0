// SPDX-License-Identifier: MIT
// Waiting until no processor has work, before they end one after another: a task may post to a
// processor that would else have ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/host.h"

namespace owsk::host {

// Lets one processor come past a marker. How many tasks it had run by then: counted on the
// processor, where no task is half done.
template <typename Looped>
std::uint64_t come_past(Looped& processor, Parker& parker) noexcept {
    class Marker final : public Task {
      public:
        Marker(Looped& processor, Parker& parker) noexcept
            : processor_(processor), parker_(parker) {}
        void run() noexcept override {
            tasks_run = processor_.tasks_run();
            parker_.unpark();
        }
        std::uint64_t tasks_run = 0;

      private:
        Looped& processor_;
        Parker& parker_;
    };
    Marker marker(processor, parker);
    processor.post(marker);
    parker.park(std::nullopt, {Sleep::For::something, "what is posted to a processor"});
    return marker.tasks_run;
}

// Returns when no processor has work. `processors()` points to those that there are now, each with
// tasks_run(). Not on a processor.
//
// It is quiet when between two rounds nothing but our own markers has run: whatever was queued at
// the end of the first round would have run before the second marker, and nothing was half done.
template <typename Processors>
void drain(Parker& parker, Processors processors) noexcept {
    std::uint64_t before = 0;
    for (bool quiet = false; !quiet;) {
        std::uint64_t now = 0;
        std::size_t markers = 0;
        for (const auto& processor : processors()) {
            now += come_past(*processor, parker);
            ++markers;
        }
        quiet = now - before == markers;
        before = now;
    }
}

}  // namespace owsk::host
