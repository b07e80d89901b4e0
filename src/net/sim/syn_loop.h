// SPDX-License-Identifier: MIT
// SynLoop: the loop that brings the attempts of a simulated computer to the processors of their
// listeners, as the one of the SYN's CPU does on Linux.
#pragma once

#include "base/prng.h"
#include "host/sim/sim_processor.h"

namespace owsk::net {

class SynLoop {
  public:
    SynLoop(host::SimProcessor& loop, Prng prng) noexcept : loop_(loop), prng_(prng) {}

    // Has the task run on the loop.
    void post(host::Task& task) noexcept { loop_.post(task); }
    // Runs it on the processor: here, if the processor sleeps and the seed does not want it awake;
    // otherwise the processor itself will. On the loop.
    void deliver(host::Processor& processor, host::Task& delivery) noexcept {
        if (prng_.chance(posted_percent) ||
            !static_cast<host::SimProcessor&>(processor).run_in_place(delivery)) {
            processor.post(delivery);
        }
    }

  private:
    static constexpr unsigned posted_percent = 25;

    host::SimProcessor& loop_;
    Prng prng_;
};

}  // namespace owsk::net
