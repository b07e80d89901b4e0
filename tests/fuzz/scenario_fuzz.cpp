// SPDX-License-Identifier: MIT
// Whatever a scenario file says: it is refused by a sentence that names the file and the line, or
// what it says can be played: names are known and different, and numbers are within their limits.
#include <openwsk/simulation.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "net/script/read_script.h"
#include "sim/names.h"
#include "sim/scenario_file.h"

// The simulation that looks at scripts here has nothing but their reader: the whole of it would
// take longer to compile than all else.
namespace owsk {

struct Script::Parts {};
Script::Script(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Script::~Script() = default;

struct Simulation::Parts {
    Script script{nullptr};
};
Simulation::Simulation(SimulationOptions) : parts_(std::make_unique<Parts>()) {}
Simulation::~Simulation() = default;

Script& Simulation::add_script(const std::string&,
                               const std::vector<std::string>&,
                               const std::string& text) {
    if (!net::script::read_script(text).errors.empty()) {
        throw std::invalid_argument("cannot be played");
    }
    return parts_->script;
}

}  // namespace owsk

namespace wskrun {
namespace {

// A file without a name in any folder.
class File {
  public:
    explicit File(std::string_view text) : descriptor_(memfd_create("scenario", MFD_CLOEXEC)) {
        OWSK_ASSERT(descriptor_ >= 0);
        OWSK_ASSERT(write(descriptor_, text.data(), text.size()) ==
                    static_cast<ssize_t>(text.size()));
    }
    ~File() { close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

bool is_chance(const std::optional<double>& value) {
    return !value || (*value >= 0 && *value <= 1);
}

void check_rules(const LinkChanges& changes) {
    OWSK_ASSERT(is_chance(changes.loss) && is_chance(changes.duplication));
    OWSK_ASSERT(is_chance(changes.reordering));
    for (const auto& time : {changes.latency, changes.jitter, changes.reordering_delay}) {
        OWSK_ASSERT(!time || time->count() >= 0);
    }
}

std::set<std::string> names_of(const Scenario& scenario) {
    std::vector<ComputerPlan> computers = scenario.computers;
    for (const MachinePlan& machine : scenario.machines) {
        computers.push_back(machine.computer);
        OWSK_ASSERT(!machine.processors || (*machine.processors >= 1 && *machine.processors <= 64));
        for (const std::string& driver : machine.drivers) {
            OWSK_ASSERT(driver == "echo");
        }
    }
    for (const ScriptPlan& script : scenario.scripts) {
        computers.push_back(script.computer);
        OWSK_ASSERT(owsk::net::script::read_script(script.text).errors.empty());
    }
    std::set<std::string> names;
    for (const ComputerPlan& computer : computers) {
        OWSK_ASSERT(names.insert(computer.name).second);
        OWSK_ASSERT(!computer.addresses.empty());
    }
    return names;
}

void check_steps(const std::vector<Step>& steps, unsigned table) {
    for (const Step& step : steps) {
        OWSK_ASSERT(step.time.count() >= 0 && step.line >= table);
    }
}

void check_scenario(const Scenario& scenario) {
    OWSK_ASSERT(!scenario.machines.empty());
    const std::set<std::string> names = names_of(scenario);
    for (const LinkPlan& link : scenario.links) {
        OWSK_ASSERT(!link.directions.empty() && link.at.count() >= 0);
        for (const auto& [from, to] : link.directions) {
            OWSK_ASSERT(names.contains(from) && names.contains(to));
        }
        check_rules(link.changes);
    }
    for (const ClientPlan& client : scenario.clients) {
        OWSK_ASSERT(names.contains(client.computer) && client.line != 0);
        OWSK_ASSERT(client.count >= 1 && client.at.count() >= 0 && client.every.count() >= 0);
        check_steps(client.steps, client.line);
    }
    for (const ServerPlan& server : scenario.servers) {
        OWSK_ASSERT(names.contains(server.computer) && server.line != 0);
        OWSK_ASSERT(!server.listen.empty() && server.within.count() >= 0);
        OWSK_ASSERT(!server.accept || *server.accept >= 1);
        for (const Endpoint& place : server.listen) {
            OWSK_ASSERT(is_ip(place.ip) && place.port != 0);
        }
        check_steps(server.steps, server.line);
    }
    for (const DatagramsPlan& peer : scenario.datagrams) {
        OWSK_ASSERT(names.contains(peer.computer) && peer.line != 0 && is_ip(peer.from.ip));
        OWSK_ASSERT(peer.count >= 1 && peer.every.count() >= 0);
        for (const DatagramStep& step : peer.steps) {
            OWSK_ASSERT(step.time.count() >= 0 && step.line >= peer.line && step.count >= 1);
            OWSK_ASSERT(step.text.size() * step.repeat <= 65507);
            OWSK_ASSERT((step.verb != DatagramVerb::send) == (step.to.port == 0));
        }
    }
}

void check(std::string_view text) {
    const File file(text);
    const std::string path = file.path();
    try {
        check_scenario(load_scenario(path, {"echo"}));
    } catch (const std::invalid_argument& error) {
        const std::string_view sentence = error.what();
        OWSK_ASSERT(sentence.starts_with(path + ':'));
        const std::string line(sentence.substr(path.size() + 1));
        const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
        OWSK_ASSERT(std::atoi(line.c_str()) >= 1 && std::atoi(line.c_str()) <= lines);
        OWSK_ASSERT(line.find(": ") != std::string::npos);
    }
}

}  // namespace
}  // namespace wskrun

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wskrun::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
