// SPDX-License-Identifier: MIT
// System: the executive's state as one object, one for each machine. NT functions carry no context
// argument, so the calling thread's System is thread-local; it is the only global of the project.
#pragma once

#include <openwsk/faults.h>

#include <cstdint>

#include "host/host.h"
#include "nt/cm/registry.h"
#include "nt/ex/pool_tracker.h"
#include "nt/ex/work_queue.h"
#include "nt/io/driver_table.h"
#include "nt/io/irp_tracker.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/spin_watch.h"
#include "nt/nmr/registrar.h"
#include "nt/ob/handle_table.h"
#include "nt/ps/process.h"
#include "nt/ps/thread.h"
#include "nt/ps/thread_table.h"
#include "probe/probes.h"

namespace owsk::nt {

// What builds on the executive and must be found from a call without context: the WSK provider. The
// executive keeps the link and knows nothing else of it.
class Extension {
  protected:
    ~Extension() = default;
};

class System {
  public:
    System(host::Host& host, probe::Probes& probes, Faults& faults);
    // Precondition: the host has stopped, if it was started.
    ~System();
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    // The machine of the calling thread. A call of an NT function on a thread that belongs to no
    // machine ends the process with a message that says how to attach it.
    static System& current() noexcept {
        if (current_ == nullptr) {
            refuse_foreign_thread();
        }
        return *current_;
    }
    static System* current_or_null() noexcept { return current_; }

    // Makes the calling thread a processor of this machine, at DISPATCH_LEVEL, until it ends. This
    // is what the host's start() calls on each of its processors.
    void enter_processor() noexcept;

    // After the host has started: worker threads. Before it stops: their end.
    void start();
    void stop() noexcept;

    // Announces what the driver still owns (probe `leak`), and returns how much that is.
    std::uint64_t report_leaks();

    host::Host& host() noexcept { return host_; }
    probe::Probes& probes() noexcept { return probes_; }
    // What is to fail on purpose.
    Faults& faults() noexcept { return faults_; }

    Extension* extension = nullptr;

  private:
    friend class ThreadScope;
    [[noreturn]] static void refuse_foreign_thread() noexcept;

    static inline constinit thread_local System* current_ = nullptr;

    host::Host& host_;
    probe::Probes& probes_;
    Faults& faults_;

  public:
    ke::BugCheckHandler bug_check_handler;  // empty: print and abort
    ke::SpinWatch spin_watch;
    ke::Dispatcher dispatcher;
    ps::ProcessRef process;  // the one process, with the id 4
    ps::ThreadTable threads;
    ob::HandleTable handles;
    ex::PoolTracker pool;
    io::IrpTracker irps;
    io::DriverTable drivers;
    cm::Registry registry;
    nmr::Registrar nmr;
    // Last: its threads use what is above.
    ex::WorkQueue work_queue;
};

// Makes the calling thread belong to a machine while the scope lasts: at PASSIVE_LEVEL, or at
// DISPATCH_LEVEL for a processor, with a thread object of its own if it had none. Scopes nest; the
// inner one wins.
class ThreadScope {
  public:
    enum class Kind { driver_thread, processor };
    explicit ThreadScope(System& system, Kind kind = Kind::driver_thread);
    // The same for a thread that has its object already: one that PsCreateSystemThread started.
    ThreadScope(System& system, ps::ThreadRef thread);
    ~ThreadScope();
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

  private:
    System* previous_;
    ps::Thread* previous_thread_;
    std::uint8_t previous_irql_;
    ps::ThreadRef thread_;  // null when the scope around this one has lent its thread
};

}  // namespace owsk::nt
