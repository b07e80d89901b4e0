// SPDX-License-Identifier: MIT
// Probes: where the floors announce what can be observed; see openwsk/probes.def for the table.
#pragma once

#include <openwsk/observer.h>

#include <vector>

#include "base/assert.h"
#include "base/mutex.h"

namespace owsk::probe {

class Probes {
  public:
    // Before the machine starts; the observer outlives it.
    void attach(Observer& observer) { observers_.push_back(&observer); }

#define OWSK_PROBE(name, Record)                     \
    void name(const Record& record) const noexcept { \
        OWSK_ASSERT(holds_no_lock());                \
        for (Observer * observer : observers_) {     \
            observer->name(record);                  \
        }                                            \
    }
#include <openwsk/probes.def>
#undef OWSK_PROBE

  private:
    std::vector<Observer*> observers_;
};

}  // namespace owsk::probe
