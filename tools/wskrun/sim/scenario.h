// SPDX-License-Identifier: MIT
// Scenario: what happens on a simulated network, as a file says it, checked.
#pragma once

#include <openwsk/completion_mode.h>
#include <openwsk/faults.h>
#include <openwsk/send_completion.h>
#include <openwsk/simulation.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parameter.h"
#include "sim/units.h"

namespace wskrun {

struct ComputerPlan {
    std::string name = {};
    std::vector<std::string> addresses = {};
    unsigned line = 0;
};

// A computer that runs drivers.
struct MachinePlan {
    ComputerPlan computer = {};
    std::vector<std::string> drivers = {};
    std::optional<unsigned> processors = {};
    std::optional<owsk::CompletionMode> completion = {};
    std::optional<owsk::SendCompletion> sends = {};
    std::vector<Parameter> parameters = {};
    std::vector<owsk::FaultSetting> faults = {};
};

// A bare computer, played by a script from the moment when the drivers have started.
struct ScriptPlan {
    ComputerPlan computer = {};
    std::string text = {};
};

// The rules of a link that are named; the others stay.
struct LinkChanges {
    std::optional<Duration> latency = {};
    std::optional<Duration> jitter = {};
    std::optional<double> loss = {};
    std::optional<double> duplication = {};
    std::optional<double> reordering = {};
    std::optional<Duration> reordering_delay = {};
    std::optional<std::uint64_t> bandwidth = {};
    std::optional<std::size_t> mtu = {};
    std::optional<std::size_t> path_mtu = {};
    std::optional<bool> down = {};

    void apply(owsk::LinkRules& rules) const;
};

// From one computer to another.
using Direction = std::pair<std::string, std::string>;

// Links that are otherwise from `at` on.
struct LinkPlan {
    std::vector<Direction> directions = {};
    LinkChanges changes = {};
    Duration at{0};
    std::optional<Duration> lasts = {};  // nothing: until the end
};

// How long an expectation waits unless it says otherwise.
inline constexpr Duration patience = std::chrono::minutes(1);

enum class Verb : std::uint8_t {
    send,
    finish,
    close,
    reset,
    stop_reading,
    go_on_reading,
    wait,
    expect,
    expect_line,
    expect_state,
    expect_nothing,
};

struct Step {
    Verb verb = Verb::wait;
    std::string text = {};     // bytes, a pattern or a state
    std::uint64_t repeat = 1;  // of the bytes
    Duration time{0};          // to wait, or within which to expect
    unsigned line = 0;         // 0: of no file
};

struct ClientPlan {
    std::string name = {};
    std::string computer = {};
    Duration at{0};
    unsigned count = 1;
    Duration every{0};  // between one of them and the next
    std::string to_ip = {};
    std::uint16_t to_port = 0;
    owsk::Computer::ConnectOptions options = {};
    std::vector<Step> steps = {};
    unsigned line = 0;  // 0: of no file
};

// Where a server listens.
struct Endpoint {
    std::string ip = {};
    std::uint16_t port = 0;
};

struct ServerPlan {
    std::string name = {};
    std::string computer = {};
    std::optional<Duration> at = {};  // nothing: before the drivers start
    std::vector<Endpoint> listen = {};
    std::optional<std::uint64_t> accept = 1;  // connections; nothing: as many as come
    Duration within{0};                       // in which each of them comes after the one before
    owsk::Computer::ListenOptions options = {};
    std::vector<Step> steps = {};  // of each connection
    unsigned line = 0;
};

enum class DatagramVerb : std::uint8_t {
    send,
    wait,
    echo,  // everything, from then on
    answer,
    expect,
    expect_like,
    expect_nothing,
};

struct DatagramStep {
    DatagramVerb verb = DatagramVerb::wait;
    std::string text = {};     // what is sent, a datagram as it has to be, or a pattern
    std::uint64_t repeat = 1;  // of the text, in each datagram
    unsigned count = 1;        // of datagrams
    Duration every{0};         // from one that is sent to the next
    Endpoint to = {};          // where it is sent
    std::string from = {};     // whose it has to be, "192.0.2.1:7"; empty: anybody's
    Duration time{0};          // to wait, or within which to expect all of them
    unsigned line = 0;
};

// A UDP port.
struct DatagramsPlan {
    std::string name = {};
    std::string computer = {};
    Endpoint from = {};               // port 0: any free one
    std::optional<Duration> at = {};  // nothing: the first one is there before the drivers start
    unsigned count = 1;
    Duration every{0};  // between one of them and the next
    std::vector<DatagramStep> steps = {};
    unsigned line = 0;
};

// What name servers answer about a name, from `at` on.
struct NamePlan {
    std::string name = {};
    owsk::NameRules rules = {};
    std::optional<Duration> at = {};  // nothing: before the drivers start
};

struct Scenario {
    std::string file = {};  // empty: the default scenario
    std::optional<std::uint64_t> seed = {};
    owsk::Schedule schedule = owsk::Schedule::by_seed;
    std::string capture = {};
    std::optional<Duration> end = {};  // nothing: when everything is done
    std::optional<Duration> unload_at = {};
    owsk::LinkRules link = {};
    std::vector<LinkPlan> links = {};
    std::vector<NamePlan> names = {};
    std::vector<ComputerPlan> computers = {};
    std::vector<MachinePlan> machines = {};
    std::vector<ScriptPlan> scripts = {};
    std::vector<ClientPlan> clients = {};
    std::vector<ServerPlan> servers = {};
    std::vector<DatagramsPlan> datagrams = {};
};

}  // namespace wskrun
