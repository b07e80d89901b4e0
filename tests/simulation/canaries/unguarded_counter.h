// SPDX-License-Identifier: MIT
// UnguardedCounter: what wrong drivers count with - it is read and written without a lock, and
// others may go on in between.
#pragma once

#include <wdm.h>

namespace owsk::scenarios {

class UnguardedCounter {
  public:
    // On a thread of the machine, before anything else.
    void initialize() { KeInitializeEvent(&changed_, NotificationEvent, FALSE); }
    void change(int by) {
        const int before = value_;
        KeSetEvent(&changed_, IO_NO_INCREMENT, FALSE);
        value_ = before + by;
    }
    int value() const { return value_; }

  private:
    KEVENT changed_;
    int value_ = 0;
};

}  // namespace owsk::scenarios
