// SPDX-License-Identifier: MIT
// Simulation: computers on a network in one process, in virtual time, with the order of everything
// chosen by a seed. Driver code runs on a Machine as it does outside.
//
//     owsk::Simulation simulation({.seed = 7});
//     owsk::Computer& server = simulation.add_computer("server", {"192.0.2.1"});
//     owsk::DriverError error;
//     server.start_machine().start_driver("echo", DriverEntry, error);
//     owsk::Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
//     owsk::Client client = laptop.connect("192.0.2.1", 7);
//     client.send("hello");
//     EXPECT_TRUE(simulation.run_until([&] { return client.received() == "hello"; }))
//         << simulation.replay();
//
// Threads take turns: while the program's own code runs, nothing else does. Everything here is for
// the thread that made the simulation, unless it says otherwise. How to use it: docs/simulation.md.
#pragma once

#include <openwsk/address.h>
#include <openwsk/link_rules.h>
#include <openwsk/machine.h>
#include <openwsk/name_rules.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace owsk {

namespace detail {
bool fix_addresses() noexcept;
#if !defined(OWSK_RANDOM_ADDRESSES)
// A program that simulates restarts itself, before main(), without address randomisation, so that
// a driver that is linked into it has the same addresses in each run of a build. It does not if
// OWSK_RANDOM_ADDRESSES is defined wherever this file is included.
inline const bool addresses_are_fixed = fix_addresses();
#endif
}  // namespace detail

// How the next thread is chosen where Windows could switch.
enum class Schedule : std::uint8_t {
    by_seed,     // one of the two below
    random,      // any thread that can run, now and then
    priorities,  // threads have priorities that change a few times: finds rare orders sooner
};

struct SimulationOptions {
    std::uint64_t seed = 1;
    Schedule schedule = Schedule::by_seed;
    LinkRules link = {};  // of each link that set_link says nothing about
    // Every packet goes to this pcapng file; empty: none. See Simulation::capture_error().
    std::string capture = {};
    // What replays the run, printed with every failure. Empty: "seed <number>".
    std::string replay = {};
    // Called when no thread can go on, or none makes progress: the report says who waits for what,
    // with stacks. Must not return. Empty: print it to standard error and abort.
    std::function<void(const std::string& report)> on_stuck = {};
};

enum class ClientState : std::uint8_t {
    connecting,
    connected,
    finished,   // both sides have finished, and everything has arrived
    refused,    // RST instead of a connection
    reset,      // RST after it was established
    timed_out,  // the other side no longer answered
    closed,     // by close() or reset()
};
std::string_view to_string(ClientState state) noexcept;

// One TCP connection from a computer without WSK, whose system behaves correctly. A handle: when
// the last copy is destroyed, the connection closes. For any thread of the simulation.
class Client {
  public:
    Client() = default;

    ClientState state() const;
    Address local_address() const;
    Address remote_address() const;

    // Takes everything; it goes out as the other side has room. May be called before the
    // connection is established.
    void send(std::string_view data);
    // Sends FIN after everything that was sent.
    void finish();
    // RST, and the end.
    void reset();
    // What happens when a process ends: FIN, or RST if something is unread.
    void close();

    // Everything that has been read so far.
    const std::string& received() const;
    // FIN has come, and everything before it has been read.
    bool peer_finished() const;
    // Bytes that were sent and that the other computer has not acknowledged.
    std::size_t unacknowledged() const;
    // Stops reading, so that the window closes; and reads again.
    void stop_reading();
    void go_on_reading();

  private:
    friend class Computer;
    friend class Server;
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

// A listening TCP port on a computer without WSK, for drivers that connect. A handle, as Client.
class Server {
  public:
    Address local_address() const;
    // How many connections wait.
    std::size_t waiting() const;
    // The next one, in the order in which they came, from this end; none while none waits.
    std::optional<Client> accept();

  private:
    friend class Computer;
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

// UDP on a computer without WSK. A handle, as Client.
class DatagramPeer {
  public:
    struct Datagram {
        Address from;
        std::string data;
    };

    Address local_address() const;
    void send_to(const std::string& ip, std::uint16_t port, std::string_view data);
    const std::vector<Datagram>& received() const;

  private:
    friend class Computer;
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

// A computer on the network; it ends with its simulation.
class Computer {
  public:
    ~Computer();
    Computer(const Computer&) = delete;
    Computer& operator=(const Computer&) = delete;

    const std::string& name() const;

    // It gets another address, as if a network had been connected, or loses one that it has; both
    // are told to its drivers. Packets to an address that is lost arrive nowhere. What is not an
    // address, or another computer's, is a std::invalid_argument.
    void add_address(const std::string& ip);
    void remove_address(const std::string& ip);

    // Makes it a Windows computer with WSK, which shares addresses and ports with the clients
    // below. Once. MachineOptions::seed and gate do not matter here.
    Machine& start_machine(MachineOptions options = {});
    // Precondition: start_machine().
    Machine& machine();

    struct ConnectOptions {
        std::string from_ip = {};        // empty: the first address of the same family
        std::uint16_t from_port = 0;     // 0: any free one
        std::size_t receive_buffer = 0;  // bytes; 0: 128 KiB
    };
    // Begins to connect, on any thread of the simulation. What is not an address is a
    // std::invalid_argument.
    Client connect(const std::string& ip, std::uint16_t port, const ConnectOptions& options);
    Client connect(const std::string& ip, std::uint16_t port) { return connect(ip, port, {}); }

    struct ListenOptions {
        std::size_t receive_buffer = 0;  // bytes, of each connection; 0: 128 KiB
        std::size_t refuse = 0;          // so many SYNs are refused before the first is answered
    };
    // `ip`: one of its addresses, or "0.0.0.0" or "::" for all of the family. Port 0: any free one.
    // Up to 4,096 connections wait to be accepted.
    Server listen(const std::string& ip, std::uint16_t port, const ListenOptions& options);
    Server listen(const std::string& ip = "0.0.0.0", std::uint16_t port = 0) {
        return listen(ip, port, {});
    }

    // `ip` and `port` likewise.
    DatagramPeer open_datagrams(const std::string& ip = "0.0.0.0", std::uint16_t port = 0);

  private:
    friend class Simulation;
    friend Platform simulated_platform(Computer& computer, const MachineOptions& options);
    struct Parts;
    explicit Computer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// A computer without TCP, played segment by segment by a script; docs/simulation.md has the
// language.
class Script {
  public:
    ~Script();
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;

    bool has_passed() const;
    bool has_failed() const;
    // The step it is at, or which failed and what came instead, and the packets so far.
    std::string report() const;

  private:
    friend class Simulation;
    struct Parts;
    explicit Script(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// A thread that takes turns with the others.
class SimulatedThread {
  public:
    SimulatedThread(SimulatedThread&&) noexcept;
    SimulatedThread& operator=(SimulatedThread&&) noexcept;
    // Joins.
    ~SimulatedThread();
    void join();

  private:
    friend class Simulation;
    struct Parts;
    explicit SimulatedThread(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

class Simulation {
  public:
    explicit Simulation(SimulationOptions options = {});
    // Stops the machines. Precondition: no driver runs, no thread is left.
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    // Wrong names and addresses, and impossible rules, are a std::invalid_argument that says what
    // is allowed.
    Computer& add_computer(const std::string& name, const std::vector<std::string>& addresses);
    // Plays from now on. Every mistake in the text is reported with its line.
    Script& add_script(const std::string& name,
                       const std::vector<std::string>& addresses,
                       const std::string& text);

    // From now on, in one direction, or between every two computers.
    void set_link(const std::string& from, const std::string& to, const LinkRules& rules);
    void set_links(const LinkRules& rules);

    // What WskGetAddressInfo and WskGetNameInfo find from now on, on every machine. The names of
    // computers, and localhost, are known by themselves.
    void set_name(const std::string& name, const NameRules& rules);

    // Since the simulation began. From any of its threads.
    std::chrono::nanoseconds now() const;
    // `action` runs then, on this thread, while it is inside one of the functions below.
    void at(std::chrono::nanoseconds time, std::function<void()> action);

    // Lets everything else run. The condition is evaluated whenever something has happened, perhaps
    // on another thread: it may look at things, but must neither wait nor change anything.
    void run_for(std::chrono::nanoseconds duration);
    // Whether it came true within the time.
    bool run_until(const std::function<bool()>& condition,
                   std::chrono::nanoseconds limit = std::chrono::minutes(1));
    // Lets the others run once. From any of its threads.
    void yield();

    SimulatedThread start_thread(const std::string& name, std::function<void()> body);

    // A number from 0 to `end` - 1, chosen by the seed, for what a test wants to vary. From any of
    // its threads.
    std::uint64_t choose(std::uint64_t end);

    // A number that two runs share only if they have made the same choices in the same order.
    std::uint64_t fingerprint() const;
    // What replays this run.
    const std::string& replay() const;
    // Why the capture is incomplete: a sentence that names the file. Empty: everything was written
    // so far.
    std::string capture_error() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace owsk
