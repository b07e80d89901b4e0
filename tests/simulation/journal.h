// SPDX-License-Identifier: MIT
// Journal: the event log of a run, line by line, each with its virtual time and who says it.
#pragma once

#include <openwsk/text_trace.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace owsk::scenarios {

class Journal {
  public:
    // Lines go to `out`, or nowhere; either way they count for digest(). The journal begins with
    // the time 0, until somebody sets `clock`.
    explicit Journal(std::FILE* out);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    std::function<std::chrono::nanoseconds()> clock;

    void write(const std::string& who, const std::string& line);
    // Writes everything that a machine does.
    Observer& observer_of(const std::string& machine);
    // A number that two journals share only if they are the same, byte by byte.
    std::uint64_t digest() const { return digest_; }

  private:
    struct Source;

    std::FILE* const out_;
    std::uint64_t digest_ = 14695981039346656037U;
    std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace owsk::scenarios
