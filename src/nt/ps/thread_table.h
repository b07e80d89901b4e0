// SPDX-License-Identifier: MIT
// ThreadTable: the system threads of a machine, from PsCreateSystemThread until they have been
// joined.
#pragma once

#include <wdm.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "host/host.h"
#include "nt/ps/thread.h"
#include "probe/probes.h"

namespace owsk::nt {
class System;
}

namespace owsk::nt::ps {

class ThreadTable {
  public:
    explicit ThreadTable(System& system) : system_(system) {}
    // A bug check if a system thread still runs: nothing could stop it from using this machine.
    ~ThreadTable();
    ThreadTable(const ThreadTable&) = delete;
    ThreadTable& operator=(const ThreadTable&) = delete;

    // Numbers for thread objects: multiples of 4, each once.
    std::uintptr_t next_id() noexcept;

    // A thread object for a thread that will call `routine`.
    ThreadRef create(PKSTART_ROUTINE routine);
    // Starts it; false when the host has no more threads to give.
    bool start(const ThreadRef& thread, PKSTART_ROUTINE routine, PVOID context);

    // Waits for the threads that have left driver code.
    void join_ended() noexcept;

    std::uint64_t report_leaks(probe::Probes& probes);

  private:
    struct Running {
        ThreadRef thread;
        std::unique_ptr<host::Thread> host_thread;
    };

    void run(ThreadRef thread, PKSTART_ROUTINE routine, PVOID context) noexcept;
    void move_to_ended(Thread& thread) noexcept;

    System& system_;
    Mutex mu_{Rank::tracker};
    std::uintptr_t last_id_ OWSK_GUARDED_BY(mu_) = 4;
    std::map<HANDLE, Running> running_ OWSK_GUARDED_BY(mu_);
    std::vector<std::unique_ptr<host::Thread>> ended_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::nt::ps
