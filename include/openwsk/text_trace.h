// SPDX-License-Identifier: MIT
// TextTrace: writes what a machine does as lines of text.
#pragma once

#include <openwsk/observer.h>

#include <cstdio>
#include <mutex>
#include <string>

namespace owsk::trace {

enum class Detail : std::uint8_t {
    important,  // listeners and their pauses, drivers, debug prints, waiting unloads, leaks
    everything  // a line for every event
};

class TextTrace final : public Observer {
  public:
    // The stream outlives the trace; each line is flushed.
    TextTrace(std::FILE* stream, Detail detail) noexcept : stream_(stream), detail_(detail) {}

    // A line of the program's own, between those of the machine. From any thread.
    void write_line(const std::string& line) noexcept;

#define OWSK_PROBE(name, Record) void name(const probe::Record& record) noexcept override;
#include <openwsk/probes.def>
#undef OWSK_PROBE

  private:
    // Composes the line only if somebody wants it: there may be thousands in a second.
    template <typename Compose>
    void write_detail(Compose compose) noexcept {
        if (detail_ == Detail::everything) {
            write_line(compose());
        }
    }

    std::FILE* const stream_;
    const Detail detail_;
    std::mutex mutex_;
    bool at_line_start_ = true;  // drivers may print a line piece by piece
};

}  // namespace owsk::trace
