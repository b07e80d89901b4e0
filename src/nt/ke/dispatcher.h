// SPDX-License-Identifier: MIT
// Dispatcher: what one lock guards in a machine - the state of all dispatcher objects, the threads
// that wait for them, the timers and the DPC queues.
//
// Dispatcher objects live in the driver's memory and may be freed as soon as a wait for them has
// returned. So an object is touched only under the lock, and a waiting thread takes the lock again
// before its wait returns: until then whoever woke it has finished with the object.
#pragma once

#include <wdm.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "host/host.h"
#include "nt/ke/dpc_queue.h"
#include "nt/ke/timer_table.h"
#include "probe/probes.h"

namespace owsk::nt::ke {

class Dispatcher {
  public:
    explicit Dispatcher(host::Host& host);
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    void stop() noexcept { timers.stop(); }
    std::uint64_t report_leaks(probe::Probes& probes) { return timers.report_leaks(probes); }

    DpcQueue& dpc_queue(unsigned processor) noexcept { return *dpc_queues_[processor]; }

    Mutex mu{Rank::dispatcher};
    TimerTable timers;

  private:
    std::vector<std::unique_ptr<DpcQueue>> dpc_queues_;
};

}  // namespace owsk::nt::ke
