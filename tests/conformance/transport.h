// SPDX-License-Identifier: MIT
// Transport: what the tests run on - the network and the threads of the Linux kernel, or the
// simulation, whose threads take turns. Tests wait by it and by Windows functions only: in the
// simulation, a thread that waits in another way keeps all others from running.
#pragma once

#include <openwsk/machine.h>
#include <openwsk/simulation.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "conformance/wire.h"
#include "machine/platform.h"

namespace owsk::conformance {

// Of every wait, in the transport's own time; nothing that a test waits for takes so long.
constexpr std::chrono::seconds limit{60};

// A thread of a test. Its destructor joins it too.
class TestThread {
  public:
    // The destructor waits for the end of the thread.
    class Running {
      public:
        virtual ~Running() = default;
    };

    TestThread() = default;
    explicit TestThread(std::unique_ptr<Running> running) : running_(std::move(running)) {}
    void join() { running_.reset(); }

  private:
    std::unique_ptr<Running> running_;
};

class Transport {
  public:
    // From now on it is the one of the running test. One at a time.
    Transport();
    virtual ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // The machine under test; it lives as long as the transport. Once.
    virtual Machine& start_machine(MachineOptions options) = 0;
    // What a machine stands on that the test puts together itself.
    virtual Platform new_platform(MachineOptions options) = 0;

    // On the machine's own computer.
    virtual std::unique_ptr<Wire> new_wire() = 0;
    // A port that is probably free, and that no socket gets by itself. Not thread-safe.
    virtual std::uint16_t random_port() = 0;

    // The machine's computer gets the IPv4 address besides its own, or loses it again. False where
    // a test may not change the addresses of the computer.
    virtual bool add_address(const std::string& ip) = 0;
    virtual bool remove_address(const std::string& ip) = 0;

    // What decides about names; null where they are the system's own.
    virtual Simulation* simulation() { return nullptr; }
    // What looking up something fails with that nobody knows: a system that can ask nobody does not
    // know that.
    struct Unknown {
        NTSTATUS name = STATUS_NO_MATCH;
        NTSTATUS address = STATUS_NO_MATCH;
    };
    virtual Unknown statuses_of_unknown() { return {}; }

    virtual TestThread start_thread(std::function<void()> body) = 0;
    virtual void yield() = 0;
    // Lets others run for a moment, for tests that are sharper if these have come to rest, and
    // right if not.
    virtual void pause() = 0;
    virtual std::chrono::nanoseconds now() const = 0;
    // Waits until everything has come to rest that does not wait for the test: what a callback of
    // the past brings about has come about. Does nothing on a processor.
    virtual void settle() = 0;
    // Waits on any thread, at any IRQL. False if the condition does not hold in time. It must not
    // wait itself, and is looked at again after announce_change().
    virtual bool wait_until(const std::function<bool()>& condition) = 0;
    virtual void announce_change() = 0;
};

// For statuses_of_unknown(): a reserved name (RFC 6761), and an address of documentation (RFC
// 5737).
inline constexpr const char* unknown_name = "nobody.invalid";
inline constexpr const char* unnamed_address = "203.0.113.77";

// The transport of the running test.
Transport& transport();
// One of the kind that this run is about.
std::unique_ptr<Transport> new_transport();

}  // namespace owsk::conformance
