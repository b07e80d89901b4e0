// SPDX-License-Identifier: MIT
// The loop: let the simulation go on until somebody here has something to do, and do it.
#include "sim/play.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace wskrun {

namespace {

// Of virtual time. Every step of a client has an end, so only a script can take that long.
constexpr Duration longest = std::chrono::hours(24);
// A driver may well make its first listener on a thread of its own, after DriverEntry.
constexpr Duration listener_wait = std::chrono::seconds(10);
// What clients send last, a RST say, reaches the drivers before these are unloaded.
constexpr Duration last_words_arrive = std::chrono::seconds(1);

// "visitor", or "visitor#2" if there are several.
std::string numbered(const std::string& name, unsigned index, unsigned count) {
    return name + (count > 1 ? '#' + std::to_string(index + 1) : std::string());
}

std::string count_of(std::uint64_t count, const char* unit) {
    return std::to_string(count) + ' ' + unit + (count == 1 ? "" : "s");
}

}  // namespace

Play::Play(owsk::Simulation& simulation, Stage& stage, const Scenario& scenario, Director director)
    : simulation_(simulation),
      stage_(stage),
      scenario_(scenario),
      director_(std::move(director)),
      links_(simulation, scenario.link) {}

void Play::prepare() {
    prepare_servers();
    prepare_datagrams();
}

void Play::prepare_servers() {
    for (const ServerPlan& plan : scenario_.servers) {
        servers_.push_back(std::make_unique<ServerPlayer>(plan, simulation_, director_.tell));
        players_.push_back(servers_.back().get());
        if (!plan.at) {
            attempt(plan.line, [&] { servers_.back()->start(stage_.computer(plan.computer)); });
        }
    }
}

void Play::prepare_datagrams() {
    for (const DatagramsPlan& plan : scenario_.datagrams) {
        for (unsigned i = 0; i < plan.count; ++i) {
            datagrams_.push_back(std::make_unique<DatagramPlayer>(
                plan, numbered(plan.name, i, plan.count), simulation_, director_.tell));
            DatagramPlayer& player = *datagrams_.back();
            players_.push_back(&player);
            if (!plan.at && (plan.every * i).count() == 0) {
                attempt(plan.line, [&] { player.open(stage_.computer(plan.computer)); });
            }
        }
    }
}

void Play::run() {
    has_run_ = true;
    start_ = simulation_.now();
    end_ = start_ + scenario_.end.value_or(longest);
    add_scripts();
    plan_links();
    plan_names();
    for (const ClientPlan& plan : scenario_.clients) {
        add_clients(plan);
    }
    plan_servers();
    plan_datagrams();
    if (scenario_.unload_at) {
        agenda_.add(start_ + *scenario_.unload_at, [this] { stage_.begin_unload(); });
    }
    while (!failed_ && !director_.wants_to_stop() && !is_done()) {
        if (simulation_.now() >= end_) {
            end_expectations();
            return;
        }
        simulation_.run_until(
            [&] {
                return can_go_on() || is_done() || director_.wants_to_stop() ||
                       director_.wants_to_talk();
            },
            limit());
        go_on();
        if (director_.wants_to_talk()) {
            director_.talk();
        }
    }
    if (is_done() && !players_.empty() && !scenario_.end && !scenario_.unload_at) {
        simulation_.run_for(last_words_arrive);
    }
}

void Play::plan_links() {
    for (const LinkPlan& plan : scenario_.links) {
        agenda_.add(start_ + plan.at, [this, &plan] { links_.begin(plan); });
        if (plan.lasts) {
            agenda_.add(start_ + plan.at + *plan.lasts, [this, &plan] { links_.end(plan); });
        }
    }
    agenda_.run(start_);
}

void Play::plan_names() {
    for (const NamePlan& plan : scenario_.names) {
        if (plan.at) {
            agenda_.add(start_ + *plan.at,
                        [this, &plan] { simulation_.set_name(plan.name, plan.rules); });
        }
    }
}

void Play::add_scripts() {
    for (const ScriptPlan& plan : scenario_.scripts) {
        scripts_.push_back(
            &simulation_.add_script(plan.computer.name, plan.computer.addresses, plan.text));
    }
}

bool Play::waits_for_a_listener() const {
    return director_.new_clients != nullptr && clients_.empty() &&
           simulation_.now() < start_ + listener_wait;
}

void Play::add_new_clients() {
    if (director_.new_clients == nullptr) {
        return;
    }
    for (ClientPlan& plan : director_.new_clients()) {
        add_clients(new_plans_.emplace_back(std::move(plan)));
    }
}

void Play::add_clients(const ClientPlan& plan) {
    for (unsigned i = 0; i < plan.count; ++i) {
        clients_.push_back(
            std::make_unique<ConnectionPlayer>(plan.steps,
                                               "client " + numbered(plan.name, i, plan.count),
                                               simulation_,
                                               director_.tell));
        ConnectionPlayer& player = *clients_.back();
        players_.push_back(&player);
        agenda_.add(simulation_.now() + plan.at + plan.every * i, [this, &plan, &player] {
            attempt(plan.line, [&] {
                owsk::Computer& computer = stage_.computer(plan.computer);
                player.start(computer.connect(plan.to_ip, plan.to_port, plan.options));
            });
        });
    }
}

void Play::plan_servers() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const ServerPlan& plan = scenario_.servers[i];
        ServerPlayer& player = *servers_[i];
        if (plan.at) {
            agenda_.add(start_ + *plan.at, [this, &plan, &player] {
                attempt(plan.line, [&] { player.start(stage_.computer(plan.computer)); });
            });
        }
    }
}

void Play::plan_datagrams() {
    std::size_t number = 0;
    for (const DatagramsPlan& plan : scenario_.datagrams) {
        for (unsigned i = 0; i < plan.count; ++i) {
            DatagramPlayer& player = *datagrams_[number++];
            const Duration at = start_ + plan.at.value_or(Duration(0)) + plan.every * i;
            agenda_.add(at, [this, &plan, &player] {
                attempt(plan.line, [&] {
                    if (!player.is_open()) {
                        player.open(stage_.computer(plan.computer));
                    }
                    player.begin();
                });
            });
        }
    }
}

void Play::attempt(unsigned line, const std::function<void()>& action) {
    try {
        action();
    } catch (const std::invalid_argument& error) {
        fail(line, error.what());
    }
}

bool Play::is_done() const {
    if (scenario_.end || waits_for_a_listener()) {
        return false;
    }
    return std::all_of(players_.begin(),
                       players_.end(),
                       [](const Player* player) { return player->is_over(); }) &&
           std::all_of(scripts_.begin(), scripts_.end(), [](const owsk::Script* script) {
               return script->has_passed() || script->has_failed();
           });
}

bool Play::can_go_on() const {
    if (director_.has_new_clients != nullptr && director_.has_new_clients()) {
        return true;
    }
    return std::any_of(players_.begin(),
                       players_.end(),
                       [](const Player* player) { return player->can_go_on(); }) ||
           std::any_of(scripts_.begin(), scripts_.end(), [](const owsk::Script* script) {
               return script->has_failed();
           });
}

void Play::go_on() {
    add_new_clients();
    agenda_.run(simulation_.now());
    for (Player* const player : players_) {
        player->go_on();
        check(*player);
    }
    check_scripts();
}

void Play::check(Player& player) {
    for (const Failure& failure : player.take_failures()) {
        fail(failure.line, failure.what);
    }
}

void Play::check_scripts() {
    for (std::size_t i = 0; i < scripts_.size() && !failed_; ++i) {
        if (scripts_[i]->has_failed()) {
            const ComputerPlan& computer = scenario_.scripts[i].computer;
            fail(computer.line, "script of " + computer.name + ": " + scripts_[i]->report());
        }
    }
}

// The time is over.
void Play::end_expectations() {
    for (Player* const player : players_) {
        if (!player->is_over()) {
            player->give_up();
            check(*player);
        }
    }
    for (std::size_t i = 0; i < scripts_.size(); ++i) {
        if (!scripts_[i]->has_passed()) {
            const ComputerPlan& computer = scenario_.scripts[i].computer;
            fail(computer.line,
                 "script of " + computer.name + ": the run ended before the script did; " +
                     scripts_[i]->report());
        }
    }
}

void Play::fail(unsigned line, const std::string& what) {
    failed_ = true;
    const std::string where =
        line == 0 ? std::string() : scenario_.file + ':' + std::to_string(line) + ": ";
    director_.complain(where + what + " (" + show(simulation_.now() - start_) +
                       " after the start)");
}

Duration Play::limit() const {
    Duration next = std::min(end_, agenda_.next().value_or(end_));
    if (waits_for_a_listener()) {
        next = std::min(next, start_ + listener_wait);
    }
    for (const Player* const player : players_) {
        next = std::min(next, player->deadline().value_or(end_));
    }
    return std::max(next - simulation_.now(), Duration(0));
}

void Play::dismiss_all() {
    for (Player* const player : players_) {
        player->dismiss();
    }
}

void Play::look_once_more() {
    for (Player* const player : players_) {
        player->go_on();
    }
}

std::string Play::why_no_clients() const {
    if (!has_run_ || !scripts_.empty() || !servers_.empty() || !datagrams_.empty()) {
        return {};
    }
    if (director_.new_clients == nullptr) {
        return "clients: none, since the scenario has no [[client]]";
    }
    return "clients: none, since no driver had a listening socket" +
           (end_ < start_ + listener_wait ? std::string() : " for " + show(listener_wait));
}

std::string Play::client_line() const {
    if (clients_.empty()) {
        return why_no_clients();
    }
    std::size_t connected = 0;
    std::size_t done = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (const auto& client : clients_) {
        connected += client->has_connected() ? 1 : 0;
        done += client->has_done_everything() ? 1 : 0;
        sent += client->bytes_sent();
        received += client->bytes_received();
    }
    return "clients: " + std::to_string(connected) + " of " + std::to_string(clients_.size()) +
           " connected, " + std::to_string(done) + " did all of their steps; " +
           count_of(sent, "byte") + " sent, " + count_of(received, "byte") + " received";
}

std::string Play::server_line() const {
    if (servers_.empty()) {
        return {};
    }
    std::size_t connections = 0;
    std::size_t done = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (const auto& server : servers_) {
        connections += server->connections();
        done += server->did_everything();
        sent += server->bytes_sent();
        received += server->bytes_received();
    }
    return "servers: " + count_of(connections, "connection") + ", " + std::to_string(done) +
           " did all of their steps; " + count_of(sent, "byte") + " sent, " +
           count_of(received, "byte") + " received";
}

std::string Play::datagram_line() const {
    if (datagrams_.empty()) {
        return {};
    }
    std::size_t done = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (const auto& peer : datagrams_) {
        done += peer->has_done_everything() ? 1 : 0;
        sent += peer->sent();
        received += peer->received();
    }
    return "datagrams: " + std::to_string(done) + " of " + count_of(datagrams_.size(), "peer") +
           " did all of their steps; " + std::to_string(sent) + " sent, " +
           std::to_string(received) + " received";
}

std::vector<std::string> Play::lines() const {
    std::vector<std::string> lines;
    for (const std::string& line : {client_line(), server_line(), datagram_line()}) {
        if (!line.empty()) {
            lines.push_back(line);
        }
    }
    return lines;
}

}  // namespace wskrun
