// SPDX-License-Identifier: MIT
// LeakList: what the drivers of a machine have left behind, as values.
#pragma once

#include <openwsk/machine.h>

#include <string>
#include <vector>

#include "base/mutex.h"

namespace owsk {

class LeakList final : public Observer {
  public:
    void leak(const probe::Leak& record) noexcept override {
        const Lock lock(mu_);
        leaks_.push_back({std::string(record.kind), record.description});
    }

    std::vector<MachineLeak> leaks() const OWSK_EXCLUDES(mu_) {
        const Lock lock(mu_);
        return leaks_;
    }

  private:
    mutable Mutex mu_{Rank::observer};
    std::vector<MachineLeak> leaks_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk
