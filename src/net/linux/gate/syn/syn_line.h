// SPDX-License-Identifier: MIT
// SynLine: records in the order in which they came into one state. A record is in one line at most,
// and a line allocates nothing.
#pragma once

#include "net/linux/gate/syn/syn_record.h"

namespace owsk::net {

class SynLine {
  public:
    SynLine() noexcept = default;
    SynLine(const SynLine&) = delete;
    SynLine& operator=(const SynLine&) = delete;

    // Null if it is empty. From there on SynRecord::newer and older lead.
    SynRecord* oldest() const noexcept { return oldest_; }
    SynRecord* newest() const noexcept { return newest_; }

    // Leaves the line where it is.
    void push_back(SynRecord& record) noexcept {
        remove(record);
        record.line = this;
        record.older = newest_;
        (newest_ != nullptr ? newest_->newer : oldest_) = &record;
        newest_ = &record;
    }
    // From whatever line it is in.
    static void remove(SynRecord& record) noexcept {
        if (record.line == nullptr) {
            return;
        }
        (record.older != nullptr ? record.older->newer : record.line->oldest_) = record.newer;
        (record.newer != nullptr ? record.newer->older : record.line->newest_) = record.older;
        record.line = nullptr;
        record.older = nullptr;
        record.newer = nullptr;
    }
    void clear() noexcept {
        oldest_ = nullptr;
        newest_ = nullptr;
    }

  private:
    SynRecord* oldest_ = nullptr;
    SynRecord* newest_ = nullptr;
};

}  // namespace owsk::net
