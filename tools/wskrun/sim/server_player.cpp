// SPDX-License-Identifier: MIT
// Which connections a server takes, and when it has had enough.
#include "sim/server_player.h"

#include <algorithm>
#include <utility>

namespace wskrun {

ServerPlayer::ServerPlayer(const ServerPlan& plan,
                           owsk::Simulation& simulation,
                           std::function<void(const std::string&)> say)
    : plan_(plan), title_("server " + plan.name), simulation_(simulation), say_(std::move(say)) {}

void ServerPlayer::start(owsk::Computer& computer) {
    for (const Endpoint& place : plan_.listen) {
        ports_.push_back(computer.listen(place.ip, place.port, plan_.options));
    }
    waits_since_ = simulation_.now();
}

bool ServerPlayer::expects_more() const noexcept {
    return !has_closed_ && plan_.accept && connections_.size() < *plan_.accept;
}

bool ServerPlayer::is_overdue() const {
    return !ports_.empty() && expects_more() && simulation_.now() >= waits_since_ + plan_.within;
}

bool ServerPlayer::can_go_on() const {
    return is_overdue() ||
           std::any_of(ports_.begin(),
                       ports_.end(),
                       [](const owsk::Server& port) { return port.waiting() > 0; }) ||
           std::any_of(connections_.begin(), connections_.end(), [](const auto& connection) {
               return connection->can_go_on();
           });
}

void ServerPlayer::go_on() {
    for (owsk::Server& port : ports_) {
        while (port.waiting() > 0 && (expects_more() || !plan_.accept)) {
            accept(*port.accept());
        }
    }
    if (plan_.accept && !expects_more()) {
        // Whoever comes now is refused, or reset if it is here already.
        ports_.clear();
        has_closed_ = true;
    }
    if (is_overdue()) {
        fail(std::to_string(connections_.size()) + " came");
    }
    for (const auto& connection : connections_) {
        connection->go_on();
    }
}

void ServerPlayer::accept(owsk::Client connection) {
    const std::string number =
        plan_.accept == 1 ? std::string() : '#' + std::to_string(connections_.size() + 1);
    const std::string title = title_ + number;
    say_(title + ": a connection from " + to_string(connection.remote_address()) + " to " +
         to_string(connection.local_address()));
    connections_.push_back(
        std::make_unique<ConnectionPlayer>(plan_.steps, title, simulation_, say_));
    connections_.back()->start(std::move(connection));
    waits_since_ = simulation_.now();
}

std::optional<Duration> ServerPlayer::deadline() const {
    constexpr Duration never = Duration::max();
    Duration first = !ports_.empty() && expects_more() ? waits_since_ + plan_.within : never;
    for (const auto& connection : connections_) {
        first = std::min(first, connection->deadline().value_or(never));
    }
    return first == never ? std::nullopt : std::optional(first);
}

void ServerPlayer::fail(const std::string& but) {
    const std::string within = " within " + show(plan_.within);
    const std::string wanted =
        *plan_.accept == 1
            ? "a connection" + within
            : std::to_string(*plan_.accept) + " connections, each" + within + " of the one before";
    failures_.push_back({plan_.line, title_ + " expected " + wanted + ", but " + but});
    ports_.clear();
    has_closed_ = true;
}

void ServerPlayer::give_up() {
    if (expects_more()) {
        fail("the run ended, and " + std::to_string(connections_.size()) + " came");
    }
    for (const auto& connection : connections_) {
        if (!connection->is_over()) {
            connection->give_up();
        }
    }
}

void ServerPlayer::dismiss() {
    ports_.clear();
    has_closed_ = true;
    for (const auto& connection : connections_) {
        connection->dismiss();
    }
}

bool ServerPlayer::is_over() const {
    return !expects_more() &&
           std::all_of(connections_.begin(), connections_.end(), [](const auto& connection) {
               return connection->is_over();
           });
}

std::vector<Failure> ServerPlayer::take_failures() {
    std::vector<Failure> all = std::exchange(failures_, {});
    for (const auto& connection : connections_) {
        for (Failure& failure : connection->take_failures()) {
            all.push_back(std::move(failure));
        }
    }
    return all;
}

std::size_t ServerPlayer::did_everything() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(), [](const auto& connection) {
            return connection->has_done_everything();
        }));
}

std::uint64_t ServerPlayer::bytes_sent() const noexcept {
    std::uint64_t bytes = 0;
    for (const auto& connection : connections_) {
        bytes += connection->bytes_sent();
    }
    return bytes;
}

std::uint64_t ServerPlayer::bytes_received() const {
    std::uint64_t bytes = 0;
    for (const auto& connection : connections_) {
        bytes += connection->bytes_received();
    }
    return bytes;
}

}  // namespace wskrun
