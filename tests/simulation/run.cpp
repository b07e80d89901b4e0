// SPDX-License-Identifier: MIT
// From a seed to an end in order, or to one line that says what is wrong.
#include "simulation/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "simulation/last_words.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {

namespace {

constexpr unsigned guests_max = 3;
constexpr std::uint16_t first_visitor_port = 10'000;

}  // namespace

Run::Run(const RunOptions& options) : options_(options) {
    if (options_.trace != nullptr || options_.keep_journal) {
        journal_ = std::make_unique<Journal>(options_.trace);
    }
    set_last_words("simulation: FAILED " + options_.name + ", seed " +
                   std::to_string(options_.seed) +
                   ": the process died\n  replay: " + options_.replay);
    SimulationOptions simulated;
    simulated.seed = options_.seed;
    simulated.capture = options_.capture;
    simulated.replay = options_.replay;
    simulated.on_stuck = [this](const std::string& report) { fail("stuck: " + report); };
    simulation_ = std::make_unique<Simulation>(std::move(simulated));
    if (journal_ != nullptr) {
        journal_->clock = [this] { return simulation_->now(); };
    }
}

Run::~Run() {
    visitors_.clear();
    servers_.clear();
    simulation_.reset();
    set_last_words("");
}

void Run::fail(const std::string& what) {
    std::fflush(nullptr);
    std::fprintf(stderr,
                 "simulation: FAILED %s, seed %llu: %s\n  replay: %s\n",
                 options_.name.c_str(),
                 static_cast<unsigned long long>(options_.seed),
                 what.c_str(),
                 options_.replay.c_str());
    std::fflush(nullptr);
    std::_Exit(1);
}

void Run::complain(const char* checker, const std::string& what) {
    fail("checker " + std::string(checker) + ": " + what);
}

Server& Run::add_server(const ServerPlan& plan) {
    const std::string number = std::to_string(servers_.size() + 1);
    servers_.push_back(
        std::make_unique<Server>(*this, "server" + number, "192.0.2." + number, plan));
    return *servers_.back();
}

Server& Run::add_server() {
    return add_server(ServerPlan{});
}

Visitor& Run::add_visitor(const VisitorPlan& plan) {
    if (guests_.size() < guests_max) {
        const std::string number = std::to_string(guests_.size() + 1);
        guests_.push_back(&simulation_->add_computer("guest" + number, {"198.51.100." + number}));
    }
    const std::size_t index = visitors_.size();
    visitors_.push_back(
        std::make_unique<Visitor>(*this,
                                  *guests_[index % guests_.size()],
                                  static_cast<std::uint16_t>(first_visitor_port + index),
                                  plan));
    return *visitors_.back();
}

Duration Run::since_connect(std::uint16_t from_port) const {
    const std::size_t number = std::size_t{from_port} - first_visitor_port;
    return number < visitors_.size() ? simulation_->now() - visitors_[number]->connected_at()
                                     : Duration::zero();
}

bool Run::visitors_have_left() const {
    return std::all_of(visitors_.begin(), visitors_.end(), [](const auto& visitor) {
        return visitor->has_left();
    });
}

bool Run::visitors_have_news() const {
    return std::any_of(visitors_.begin(), visitors_.end(), [](const auto& visitor) {
        return visitor->has_news();
    });
}

void Run::step_visitors() {
    for (const auto& visitor : visitors_) {
        if (visitor->has_news()) {
            visitor->step();
        }
    }
}

bool Run::threads_have_ended() const {
    for (const auto& server : servers_) {
        if (!server->threads_have_ended()) {
            return false;
        }
    }
    return true;
}

void Run::until(const char* what, const std::function<bool()>& condition, Duration limit) {
    const Duration end = simulation_->now() + limit;
    while (!condition()) {
        const bool came = simulation_->run_until(
            [&] { return visitors_have_news() || condition(); }, end - simulation_->now());
        if (!came) {
            fail(std::string("it takes too long: ") + what);
        }
        step_visitors();
    }
}

void Run::until_threads_end(Duration limit) {
    until(
        "the driver's threads do not end", [this] { return threads_have_ended(); }, limit);
    for (const auto& server : servers_) {
        server->join_threads();
    }
}

void Run::until_visitors_leave(Duration limit) {
    until(
        "a visitor does not leave", [this] { return visitors_have_left(); }, limit);
}

void Run::until_quiet(Duration limit) {
    until(
        "a visitor does not leave, or a thread does not end",
        [this] { return threads_have_ended() && visitors_have_left(); },
        limit);
    for (const auto& server : servers_) {
        server->join_threads();
    }
}

void Run::finish() {
    until_quiet();
    for (const auto& server : servers_) {
        server->stop();
    }
    irps.check_end();
    attempts.check_end();
    callbacks.check_end();
    if (const std::string lost = simulation_->capture_error(); !lost.empty()) {
        fail(lost);
    }
}

std::uint64_t Run::digest() const {
    return journal_ == nullptr ? 0 : journal_->digest() ^ simulation_->fingerprint();
}

}  // namespace owsk::scenarios
