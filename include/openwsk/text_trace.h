// SPDX-License-Identifier: MIT
// TextTrace: writes what a machine does as lines of text.
#pragma once

#include <openwsk/observer.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace owsk::trace {

enum class Detail : std::uint8_t {
    important,  // listeners and their pauses, drivers, debug prints, waiting unloads, leaks
    everything  // a line for every event
};

class TextTrace final : public Observer {
  public:
    // Since the start, or of a simulation.
    using Clock = std::function<std::chrono::nanoseconds()>;

    // The stream outlives the trace; each line is flushed. With a clock the lines that only
    // Detail::everything has begin with the time and with the number of the client that they are
    // about: "[1.203441] #3 ". A number stands for an attempt and the connection that it becomes.
    TextTrace(std::FILE* stream, Detail detail, Clock now = {})
        : stream_(stream), detail_(detail), now_(std::move(now)) {}

    // A line of the program's own, between those of the machine. From any thread.
    void write_line(const std::string& line) noexcept;
    // The same for a line that only Detail::everything shows.
    void write_detail_line(const std::string& line) noexcept;

    // The errno of the first write that failed; 0: all was written.
    int error() noexcept;

#define OWSK_PROBE(name, Record) void name(const probe::Record& record) noexcept override;
#include <openwsk/probes.def>
#undef OWSK_PROBE

  private:
    // Composes the line only if somebody wants it: there may be thousands per second.
    template <typename Compose>
    void write_detail(Compose compose) noexcept {
        if (detail_ == Detail::everything) {
            write_line(time_text() + compose());
        }
    }
    // The same about one client. Its number is given up if this `ends` it.
    template <typename Compose>
    void write_about(const Address& remote,
                     const Address& local,
                     bool ends,
                     Compose compose) noexcept {
        if (detail_ == Detail::everything) {
            write_line(time_text() + number_text(remote, local, ends) + compose());
        }
    }
    std::string time_text() const;
    std::string number_text(const Address& remote, const Address& local, bool ends);

    // Under the lock.
    void write(std::string_view text) noexcept;

    std::FILE* const stream_;
    const Detail detail_;
    const Clock now_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::uint64_t> numbers_;  // of clients, by both addresses
    std::uint64_t last_number_ = 0;
    int error_ = 0;
    bool at_line_start_ = true;  // drivers may print a line piece by piece
};

}  // namespace owsk::trace
