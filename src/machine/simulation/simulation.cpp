// SPDX-License-Identifier: MIT
// The world and its network, and the time that passes in them.
#include <openwsk/simulation.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "machine/simulation/checked.h"
#include "machine/simulation/parts.h"
#include "net/script/read_script.h"
#include "nt/ke/stack.h"

namespace owsk {

namespace {

host::WorldOptions world_options(const SimulationOptions& options) {
    host::WorldOptions world;
    world.seed = options.seed;
    switch (options.schedule) {
        case Schedule::by_seed:
            break;
        case Schedule::random:
            world.choices.strategy = host::Strategy::random;
            break;
        case Schedule::priorities:
            world.choices.strategy = host::Strategy::priorities;
            break;
    }
    return world;
}

SimulationOptions completed(SimulationOptions options) {
    if (options.replay.empty()) {
        options.replay = "seed " + std::to_string(options.seed);
    }
    require_possible(options.link);
    return options;
}

}  // namespace

Simulation::Parts::Parts(SimulationOptions given)
    : options(completed(std::move(given))),
      world(world_options(options)),
      internet(world.events(), world.stream("network")) {
    internet.set_default_link(options.link);
    world.set_replay(options.replay);
    world.set_stack_writer([] { return nt::ke::Stack::capture().to_text("owsk::host::World::"); });
    if (options.on_stuck) {
        world.set_failure_handler(
            [this](const host::WorldFailure& failure) { options.on_stuck(failure.text); });
    }
    if (!options.capture.empty()) {
        capture_file.open(options.capture, std::ios::binary | std::ios::trunc);
        if (!capture_file) {
            throw std::invalid_argument("the capture " + options.capture +
                                        " cannot be written: " + std::strerror(errno) +
                                        "; name a file in a folder that exists");
        }
        internet.add_tap(capture.emplace(capture_file));
    }
}

net::Computer& Simulation::Parts::node(const std::string& name) {
    const auto found = nodes.find(name);
    if (found != nodes.end()) {
        return *found->second;
    }
    std::string known;
    for (const auto& [known_name, node] : nodes) {
        known += (known.empty() ? "" : ", ") + known_name;
    }
    throw std::invalid_argument("there is no computer " + name + "; the simulation has " +
                                (known.empty() ? "none yet" : known));
}

void Simulation::Parts::require_new_name(const std::string& name) const {
    if (name.empty() || nodes.contains(name)) {
        throw std::invalid_argument(name.empty() ? "a computer needs a name"
                                                 : "there is already a computer " + name);
    }
}

std::vector<Address> Simulation::Parts::require_addresses(
    const std::string& name, const std::vector<std::string>& texts) const {
    if (texts.empty()) {
        throw std::invalid_argument("computer " + name +
                                    " has no address; give it one, as 192.0.2.1 or 2001:db8::1");
    }
    std::vector<Address> addresses;
    for (const std::string& text : texts) {
        const Address address = require_address(text);
        if (address.is_wildcard() || net::is_loopback(address)) {
            throw std::invalid_argument(
                text + " means each computer itself; give it an address of its own");
        }
        const net::Computer* const owner = internet.find(address);
        if (owner != nullptr || std::ranges::find(addresses, address) != addresses.end()) {
            throw std::invalid_argument(text + " is an address of computer " +
                                        (owner != nullptr ? owner->name() : name) + " already");
        }
        addresses.push_back(address);
    }
    return addresses;
}

bool Simulation::Parts::run(const std::function<bool()>& condition, Instant end) {
    for (;;) {
        const Instant stop = actions.empty() ? end : std::min(end, actions.begin()->first);
        if (world.run_until(condition, std::max(stop - world.now(), Duration::zero()))) {
            return true;
        }
        while (!actions.empty() && actions.begin()->first <= world.now()) {
            // It may add others.
            const auto action = actions.extract(actions.begin());
            action.mapped()();
        }
        if (world.now() >= end) {
            return condition();
        }
    }
}

Simulation::Simulation(SimulationOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}

Simulation::~Simulation() = default;

Computer& Simulation::add_computer(const std::string& name,
                                   const std::vector<std::string>& addresses) {
    Parts& parts = *parts_;
    parts.require_new_name(name);
    auto computer = std::make_unique<Computer::Parts>(
        *this, parts.world, parts.internet, name, parts.require_addresses(name, addresses));
    parts.nodes[name] = &computer->node;
    parts.computers.emplace_back(new Computer(std::move(computer)));
    return *parts.computers.back();
}

Script& Simulation::add_script(const std::string& name,
                               const std::vector<std::string>& addresses,
                               const std::string& text) {
    Parts& parts = *parts_;
    parts.require_new_name(name);
    net::script::ReadScript read = net::script::read_script(text);
    if (!read.errors.empty()) {
        throw std::invalid_argument("the script of " + name + " cannot be played:\n" +
                                    net::script::to_string(read.errors));
    }
    auto script = std::make_unique<Script::Parts>(
        parts.internet, name, parts.require_addresses(name, addresses), std::move(read.script));
    net::script::ScriptedPeer& peer = script->peer;
    parts.nodes[name] = &script->node;
    parts.scripts.emplace_back(new Script(std::move(script)));
    peer.start();
    return *parts.scripts.back();
}

void Simulation::set_link(const std::string& from, const std::string& to, const LinkRules& rules) {
    require_possible(rules);
    parts_->internet.set_link(parts_->node(from), parts_->node(to), rules);
}

void Simulation::set_links(const LinkRules& rules) {
    require_possible(rules);
    parts_->internet.set_default_link(rules);
}

void Simulation::set_name(const std::string& name, const NameRules& rules) {
    if (name.empty() || rules.delay < std::chrono::nanoseconds::zero()) {
        throw std::invalid_argument(name.empty() ? "a name for the name servers must not be empty"
                                                 : "the delay of the name " + name +
                                                       " must not be negative");
    }
    net::NameTable::Entry entry{.name = name, .canonical = rules.canonical, .delay = rules.delay};
    for (const std::string& address : rules.addresses) {
        entry.addresses.push_back(require_address(address));
    }
    entry.failure = rules.failure == NameFailure::none      ? net::NameTable::Failure::none
                    : rules.failure == NameFailure::unknown ? net::NameTable::Failure::unknown
                                                            : net::NameTable::Failure::no_answer;
    parts_->internet.names().set(std::move(entry));
}

std::chrono::nanoseconds Simulation::now() const {
    return parts_->world.now() - parts_->start;
}

void Simulation::at(std::chrono::nanoseconds time, std::function<void()> action) {
    parts_->actions.emplace(parts_->start + time, std::move(action));
}

void Simulation::run_for(std::chrono::nanoseconds duration) {
    parts_->run([] { return false; }, parts_->world.now() + duration);
}

bool Simulation::run_until(const std::function<bool()>& condition, std::chrono::nanoseconds limit) {
    return parts_->run(condition, parts_->world.now() + limit);
}

void Simulation::yield() {
    parts_->world.yield();
}

SimulatedThread Simulation::start_thread(const std::string& name, std::function<void()> body) {
    auto parts = std::make_unique<SimulatedThread::Parts>();
    parts->thread = parts_->world.start_thread(name, std::move(body));
    if (parts->thread == nullptr) {
        throw std::runtime_error("the system has no more threads to give");
    }
    return SimulatedThread(std::move(parts));
}

std::uint64_t Simulation::choose(std::uint64_t end) {
    return parts_->choices.below(end);
}

std::uint64_t Simulation::fingerprint() const {
    return parts_->world.choices().hash();
}

const std::string& Simulation::replay() const {
    return parts_->options.replay;
}

std::string Simulation::capture_error() const {
    const int error = parts_->capture ? parts_->capture->error() : 0;
    return error == 0 ? std::string()
                      : "the capture " + parts_->options.capture +
                            " could not be written completely: " + std::strerror(error);
}

SimulatedThread::SimulatedThread(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SimulatedThread::SimulatedThread(SimulatedThread&&) noexcept = default;
SimulatedThread& SimulatedThread::operator=(SimulatedThread&&) noexcept = default;

SimulatedThread::~SimulatedThread() {
    join();
}

void SimulatedThread::join() {
    if (parts_ != nullptr) {
        parts_->thread->join();
        parts_.reset();
    }
}

}  // namespace owsk
