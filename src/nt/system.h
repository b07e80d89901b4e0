// SPDX-License-Identifier: MIT
// System: the executive's state as one object, one for each machine. NT functions carry no context
// argument, so the calling thread's System is thread-local; it is the only global of the project.
#pragma once

#include <cstdint>

#include "host/host.h"
#include "nt/cm/registry.h"
#include "nt/ex/pool_tracker.h"
#include "nt/ex/work_queue.h"
#include "nt/io/driver_table.h"
#include "nt/io/irp_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/dispatcher.h"
#include "nt/ob/handle_table.h"
#include "nt/ps/thread_table.h"
#include "probe/probes.h"

namespace owsk::nt {

class System {
  public:
    System(host::Host& host, probe::Probes& probes);
    ~System();
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    // The machine of the calling thread. A call of an NT function on a thread that belongs to no
    // machine ends the process with a message that says how to attach it.
    static System& current() noexcept;
    static System* current_or_null() noexcept;

    // After the host has started: worker threads. Before it stops: their end.
    void start();
    void stop() noexcept;

    // Announces what the driver still owns (probe `leak`), and returns how much that is.
    std::uint64_t report_leaks();

    host::Host& host() noexcept { return host_; }
    probe::Probes& probes() noexcept { return probes_; }

    ke::BugCheckHandler bug_check_handler;  // empty: print and abort
    ke::Dispatcher dispatcher;
    ps::ThreadTable threads;
    ob::HandleTable handles;
    ex::PoolTracker pool;
    ex::WorkQueue work_queue;
    io::IrpTracker irps;
    io::DriverTable drivers;
    cm::Registry registry;

  private:
    host::Host& host_;
    probe::Probes& probes_;
};

// Makes the calling thread belong to a machine while the scope lasts: at `irql`, with a thread object
// of its own if it had none. Scopes nest; the inner one wins.
class ThreadScope {
  public:
    enum class Kind { driver_thread, processor };
    explicit ThreadScope(System& system, Kind kind = Kind::driver_thread);
    ~ThreadScope();
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

  private:
    System* previous_;
    void* previous_thread_;
    std::uint8_t previous_irql_;
};

}  // namespace owsk::nt
