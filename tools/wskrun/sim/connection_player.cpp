// SPDX-License-Identifier: MIT
// What one end does next, and whether what it expects has come.
#include "sim/connection_player.h"

#include <algorithm>
#include <utility>

#include "sim/pattern.h"
#include "sim/read_bytes.h"

namespace wskrun {

namespace {

using owsk::ClientState;

bool is_end(ClientState state) noexcept {
    return state != ClientState::connecting && state != ClientState::connected;
}

bool was_connected(ClientState state) noexcept {
    return state == ClientState::connected || state == ClientState::finished ||
           state == ClientState::reset;
}

}  // namespace

ConnectionPlayer::ConnectionPlayer(const std::vector<Step>& steps,
                                   std::string title,
                                   owsk::Simulation& simulation,
                                   std::function<void(const std::string&)> say)
    : steps_(steps), title_(std::move(title)), simulation_(simulation), say_(std::move(say)) {}

void ConnectionPlayer::start(owsk::Client connection) {
    connection_ = std::move(connection);
    // One that was accepted has been connected, whatever has become of it since.
    connected_ = connection_.state() != ClientState::connecting;
    state_ = connected_ ? ClientState::connected : ClientState::connecting;
    started_ = true;
    begin_step();
}

std::uint64_t ConnectionPlayer::bytes_received() const {
    return started_ ? connection_.received().size() : 0;
}

std::string_view ConnectionPlayer::unread() const {
    return std::string_view(connection_.received()).substr(consumed_);
}

bool ConnectionPlayer::time_is_up() const {
    return simulation_.now() >= step_began_ + step().time;
}

bool ConnectionPlayer::has_ended() const {
    return is_end(connection_.state()) || connection_.peer_finished();
}

ConnectionPlayer::Outlook ConnectionPlayer::outlook() const {
    switch (step().verb) {
        case Verb::wait:
            return time_is_up() ? Outlook::done : Outlook::waits;
        case Verb::expect:
            return outlook_of_bytes();
        case Verb::expect_line:
            return outlook_of_line();
        case Verb::expect_state:
            return outlook_of_state();
        case Verb::expect_nothing:
            return outlook_of_nothing();
        case Verb::send:
        case Verb::finish:
        case Verb::close:
        case Verb::reset:
        case Verb::stop_reading:
        case Verb::go_on_reading:
            return Outlook::done;
    }
    return Outlook::done;
}

ConnectionPlayer::Outlook ConnectionPlayer::outlook_of_bytes() const {
    const std::string_view bytes = unread().substr(0, wanted_.size());
    // Each byte is looked at once, however often we are asked.
    while (matched_ < bytes.size() && bytes[matched_] == wanted_[matched_]) {
        ++matched_;
    }
    if (matched_ == wanted_.size()) {
        return Outlook::done;
    }
    const bool differs = matched_ < bytes.size();
    return differs || has_ended() || time_is_up() ? Outlook::fails : Outlook::waits;
}

ConnectionPlayer::Outlook ConnectionPlayer::outlook_of_line() const {
    const std::string_view bytes = unread();
    const std::size_t end = bytes.find('\n');
    if (end != std::string_view::npos) {
        return matches(bytes.substr(0, end), step().text) ? Outlook::done : Outlook::fails;
    }
    return has_ended() || time_is_up() ? Outlook::fails : Outlook::waits;
}

ConnectionPlayer::Outlook ConnectionPlayer::outlook_of_state() const {
    const ClientState state = connection_.state();
    const std::string& wanted = step().text;
    const bool holds = wanted == "connected"       ? connected_ || was_connected(state)
                       : wanted == "peer finished" ? connection_.peer_finished()
                                                   : wanted == to_string(state);
    if (holds) {
        return Outlook::done;
    }
    return is_end(state) || time_is_up() ? Outlook::fails : Outlook::waits;
}

ConnectionPlayer::Outlook ConnectionPlayer::outlook_of_nothing() const {
    if (connection_.received().size() != seen_ || connection_.state() != state_ ||
        connection_.peer_finished() != peer_finished_) {
        return Outlook::fails;
    }
    return time_is_up() ? Outlook::done : Outlook::waits;
}

bool ConnectionPlayer::can_go_on() const {
    if (!started_) {
        return false;
    }
    if (connection_.state() != state_ || connection_.peer_finished() != peer_finished_) {
        return true;
    }
    return !over_ && outlook() != Outlook::waits;
}

std::optional<Duration> ConnectionPlayer::deadline() const {
    if (!started_ || over_) {
        return {};
    }
    return step_began_ + step().time;
}

void ConnectionPlayer::go_on() {
    if (!started_) {
        return;
    }
    while (!over_) {
        const Outlook next = outlook();
        if (next == Outlook::waits) {
            break;
        }
        if (next == Outlook::fails) {
            fail(what_came());
            break;
        }
        do_step();
        ++at_;
        begin_step();
    }
    watch_state();
}

void ConnectionPlayer::give_up() {
    const bool expects = started_ && !over_ && step().verb >= Verb::expect;
    if (expects && step().verb != Verb::expect_nothing) {
        fail("the run ended, and " + what_came());
    }
    over_ = true;
}

void ConnectionPlayer::fail(const std::string& but) {
    failures_.push_back({step().line, title_ + " expected " + expected() + ", but " + but});
    failed_ = true;
    over_ = true;
}

std::vector<Failure> ConnectionPlayer::take_failures() {
    return std::exchange(failures_, {});
}

void ConnectionPlayer::dismiss() {
    dismissed_ = dismissed_ || !over_;
    over_ = true;
    if (started_ && !is_end(connection_.state())) {
        connection_.close();
    }
}

void ConnectionPlayer::begin_step() {
    watch_state();
    over_ = at_ == steps_.size();
    if (over_) {
        return;
    }
    step_began_ = simulation_.now();
    seen_ = connection_.received().size();
    matched_ = 0;
    wanted_ = step().verb == Verb::expect ? repeated(step().text, step().repeat) : std::string();
}

void ConnectionPlayer::do_step() {
    switch (step().verb) {
        case Verb::send: {
            const std::string bytes = repeated(step().text, step().repeat);
            connection_.send(bytes);
            sent_ += bytes.size();
            break;
        }
        case Verb::finish:
            connection_.finish();
            break;
        case Verb::close:
            connection_.close();
            break;
        case Verb::reset:
            connection_.reset();
            break;
        case Verb::stop_reading:
            connection_.stop_reading();
            break;
        case Verb::go_on_reading:
            connection_.go_on_reading();
            break;
        case Verb::expect:
            consumed_ += wanted_.size();
            break;
        case Verb::expect_line:
            consumed_ += unread().find('\n') + 1;
            break;
        case Verb::wait:
        case Verb::expect_state:
        case Verb::expect_nothing:
            break;
    }
}

// Says what has changed since the last time.
void ConnectionPlayer::watch_state() {
    const ClientState state = connection_.state();
    connected_ = connected_ || was_connected(state);
    if (connection_.peer_finished() && !peer_finished_) {
        peer_finished_ = true;
        say_(title_ + ": the other side has finished");
    }
    const bool had_ended = is_end(state_);
    if (std::exchange(state_, state) == state || had_ended) {
        return;
    }
    std::string line = title_ + ": " + std::string(to_string(state));
    if (state == ClientState::connected) {
        line += " from " + to_string(connection_.local_address()) + " to " +
                to_string(connection_.remote_address());
    } else {
        line += ", " + std::to_string(sent_) + " bytes sent and " +
                std::to_string(bytes_received()) + " received";
    }
    say_(line);
}

std::string ConnectionPlayer::expected() const {
    const Step& now = step();
    const std::string within = now.time.count() > 0 ? " within " + show(now.time) : "";
    switch (now.verb) {
        case Verb::expect:
            return show_bytes(wanted_) + within;
        case Verb::expect_line:
            return "a line like " + show_bytes(now.text) + within;
        case Verb::expect_state:
            return "to be " + now.text + within;
        default:
            return "nothing for " + show(now.time);
    }
}

// Since the step began.
std::string ConnectionPlayer::what_came() const {
    const Step& now = step();
    const bool of_bytes = now.verb == Verb::expect || now.verb == Verb::expect_line;
    const std::string_view bytes =
        of_bytes ? unread() : std::string_view(connection_.received()).substr(seen_);
    std::string came;
    if (now.verb == Verb::expect && bytes.size() > 60 && matched_ < bytes.size()) {
        came = show_bytes(bytes.substr(matched_)) + " came after " + std::to_string(matched_) +
               " bytes that were right";
    } else {
        came = (bytes.empty() ? std::string("nothing") : show_bytes(bytes)) + " came";
    }
    const ClientState state = connection_.state();
    came += ", and it is " + std::string(to_string(state));
    if (state == ClientState::connected && connection_.peer_finished()) {
        came += ", with the other side finished";
    }
    return came;
}

}  // namespace wskrun
