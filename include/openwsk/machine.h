// SPDX-License-Identifier: MIT
// Machine: one Windows computer - executive, WSK provider and a network - on which driver code
// runs. Several machines can live in one process.
#pragma once

#include <ntddk.h>
#include <openwsk/bug_check.h>
#include <openwsk/completion_mode.h>
#include <openwsk/faults.h>
#include <openwsk/gate_limits.h>
#include <openwsk/gate_mode.h>
#include <openwsk/held_attempt.h>
#include <openwsk/observer.h>
#include <openwsk/send_completion.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace owsk {

struct MachineOptions {
    unsigned processors = 1;  // loop threads, 1 to 64
    CompletionMode completion = CompletionMode::windows;
    SendCompletion sends = SendCompletion::buffered;
    // For CompletionMode::mixed and hostile, and faults(). On a simulated computer 0 stands for a
    // number that depends on the seed of the simulation.
    std::uint64_t seed = 0;
    GateMode gate = GateMode::automatic;
    GateLimits limits = {};
    // Lets faults() change what the network does, too; every transfer then asks whether to fail.
    bool network_faults = false;
    std::vector<Observer*> observers = {};  // outlive the machine
    // What drivers print (DbgPrint) and what they leave behind goes to standard error, unless one
    // of the observers is a trace::TextTrace, which writes it elsewhere.
    bool speak = true;
    // Must neither return nor throw. Empty: print to standard error, and abort or end by the signal
    // of the crash. For a crash it is called in the signal's handler.
    std::function<void(const BugCheck&)> on_bug_check = {};
    // Turns what would end the process without a word into a bug check: wild pointers, stack
    // overflows, divisions by zero, breakpoints, aborts. It applies to the whole process once one
    // machine asks for it. Signals for which the program has a handler are left alone, and so are
    // all of them in a program with a sanitizer. Under a debugger the process stops as usual.
    bool report_crashes = true;
};

// Why a driver did not start: the sentence names the thing and the remedy.
struct DriverError {
    NTSTATUS status = STATUS_SUCCESS;
    std::string message;
};

// Something that a driver still owned when it was gone: "pool block", and its size, where it was
// allocated and so on.
struct MachineLeak {
    std::string kind;
    std::string description;
};

class WskExtension;
struct Platform;  // what a machine stands on

class Machine {
  public:
    // Starts the processors.
    explicit Machine(MachineOptions options = {});
    // Precondition: no driver is running, no thread is attached. Calls stop() if nobody has.
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // A value below the Parameters key of `driver`'s registry key, before the driver starts.
    // REG_DWORD, REG_SZ and REG_MULTI_SZ; text is UTF-8.
    void set_parameter(const std::string& driver, const std::string& name, std::uint32_t value);
    void set_parameter(const std::string& driver,
                       const std::string& name,
                       const std::string& value);
    void set_parameter(const std::string& driver,
                       const std::string& name,
                       const std::vector<std::string>& values);

    // Drivers may register their sockets with the extension from now on. It outlives the machine.
    void add_extension(WskExtension& extension);

    // Loads a driver module (a private copy of the file) and calls its DriverEntry.
    // False: nothing is left of it, and `error` says why.
    bool load_driver(const std::string& name, const std::string& path, DriverError& error);
    // The same for a DriverEntry that is linked into the program.
    bool start_driver(const std::string& name, PDRIVER_INITIALIZE entry, DriverError& error);
    // Calls DriverUnload, waits for it, and forgets the driver. False if it has no DriverUnload:
    // then it cannot be unloaded, as on Windows.
    bool unload_driver(const std::string& name);

    // Ends the processors; returns how many things the drivers still owned (probe `leak` and
    // leaks() name each).
    std::uint64_t stop();
    // After stop().
    std::vector<MachineLeak> leaks() const;

    // Values of set_parameter() that no driver asked for, as DRIVER.NAME; perhaps misspelt.
    std::vector<std::string> unread_parameters() const;

    // What fails here on purpose; nothing by default.
    Faults& faults();
    const Faults& faults() const;

    // What the drivers hold open at this moment, for people: "1 socket open: ..."; empty: nothing.
    std::string open_things() const;
    // Which threads have been spinning for a spin lock for a second or more, and who holds it;
    // empty: none. In a simulation nobody spins.
    std::string spinning_threads() const;

    // The gate that conditional listeners use here, and why not a better one.
    std::string gate_name() const;
    std::string gate_reason() const;
    GateCounters gate_counters() const;
    // What conditional listeners keep at this moment, oldest first. From any thread.
    std::vector<HeldAttempt> held_attempts() const;

    // Lets the calling thread call NT functions, at PASSIVE_LEVEL, while the object lives.
    class Attachment {
      public:
        explicit Attachment(Machine& machine);
        ~Attachment();
        Attachment(const Attachment&) = delete;
        Attachment& operator=(const Attachment&) = delete;

      private:
        struct Scope;
        std::unique_ptr<Scope> scope_;
    };

  private:
    friend class Computer;
    Machine(MachineOptions options, Platform platform);

    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace owsk
