// SPDX-License-Identifier: MIT
// What a client does next, and whether what it expects has come.
#include "sim/client_player.h"

#include <algorithm>
#include <utility>

#include "sim/pattern.h"

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

std::string repeated(const std::string& text, std::uint64_t times) {
    std::string bytes;
    bytes.reserve(text.size() * times);
    for (std::uint64_t i = 0; i < times; ++i) {
        bytes += text;
    }
    return bytes;
}

const char* word(ClientState state) noexcept {
    switch (state) {
        case ClientState::connecting:
            return "connecting";
        case ClientState::connected:
            return "connected";
        case ClientState::finished:
            return "finished";
        case ClientState::refused:
            return "refused";
        case ClientState::reset:
            return "reset";
        case ClientState::timed_out:
            return "timed out";
        case ClientState::closed:
            return "closed";
    }
    return "?";
}

}  // namespace

ClientPlayer::ClientPlayer(const ClientPlan& plan,
                           std::string name,
                           owsk::Simulation& simulation,
                           std::function<void(const std::string&)> say)
    : plan_(plan), name_(std::move(name)), simulation_(simulation), say_(std::move(say)) {}

void ClientPlayer::start(owsk::Computer& computer) {
    client_ = computer.connect(plan_.to_ip, plan_.to_port, plan_.options);
    started_ = true;
    begin_step();
}

std::uint64_t ClientPlayer::bytes_received() const {
    return started_ ? client_.received().size() : 0;
}

std::string_view ClientPlayer::unread() const {
    return std::string_view(client_.received()).substr(consumed_);
}

bool ClientPlayer::time_is_up() const {
    return simulation_.now() >= step_began_ + step().time;
}

bool ClientPlayer::has_ended() const {
    return is_end(client_.state()) || client_.peer_finished();
}

ClientPlayer::Outlook ClientPlayer::outlook() const {
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

ClientPlayer::Outlook ClientPlayer::outlook_of_bytes() const {
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

ClientPlayer::Outlook ClientPlayer::outlook_of_line() const {
    const std::string_view bytes = unread();
    const std::size_t end = bytes.find('\n');
    if (end != std::string_view::npos) {
        return matches(bytes.substr(0, end), step().text) ? Outlook::done : Outlook::fails;
    }
    return has_ended() || time_is_up() ? Outlook::fails : Outlook::waits;
}

ClientPlayer::Outlook ClientPlayer::outlook_of_state() const {
    const ClientState state = client_.state();
    const std::string& wanted = step().text;
    const bool holds = wanted == "connected"       ? connected_ || was_connected(state)
                       : wanted == "peer finished" ? client_.peer_finished()
                                                   : wanted == word(state);
    if (holds) {
        return Outlook::done;
    }
    return is_end(state) || time_is_up() ? Outlook::fails : Outlook::waits;
}

ClientPlayer::Outlook ClientPlayer::outlook_of_nothing() const {
    if (client_.received().size() != seen_ || client_.state() != state_ ||
        client_.peer_finished() != peer_finished_) {
        return Outlook::fails;
    }
    return time_is_up() ? Outlook::done : Outlook::waits;
}

bool ClientPlayer::can_go_on() const {
    if (!started_) {
        return false;
    }
    if (client_.state() != state_ || client_.peer_finished() != peer_finished_) {
        return true;
    }
    return !over_ && outlook() != Outlook::waits;
}

std::optional<Duration> ClientPlayer::deadline() const {
    if (!started_ || over_) {
        return {};
    }
    return step_began_ + step().time;
}

void ClientPlayer::go_on() {
    if (!started_) {
        return;
    }
    while (!over_) {
        const Outlook next = outlook();
        if (next == Outlook::waits) {
            break;
        }
        if (next == Outlook::fails) {
            failure_ = "expected " + expected() + ", but " + what_came();
            over_ = true;
            break;
        }
        do_step();
        ++at_;
        begin_step();
    }
    watch_state();
}

void ClientPlayer::give_up() {
    const bool expects = started_ && !over_ && step().verb >= Verb::expect;
    if (expects && step().verb != Verb::expect_nothing) {
        failure_ = "expected " + expected() + ", but the run ended, and " + what_came();
    }
    over_ = true;
}

void ClientPlayer::dismiss() {
    dismissed_ = dismissed_ || !over_;
    over_ = true;
    if (started_ && !is_end(client_.state())) {
        client_.close();
    }
}

void ClientPlayer::begin_step() {
    watch_state();
    over_ = at_ == plan_.steps.size();
    if (over_) {
        return;
    }
    step_began_ = simulation_.now();
    seen_ = client_.received().size();
    matched_ = 0;
    wanted_ = step().verb == Verb::expect ? repeated(step().text, step().repeat) : std::string();
}

void ClientPlayer::do_step() {
    switch (step().verb) {
        case Verb::send: {
            const std::string bytes = repeated(step().text, step().repeat);
            client_.send(bytes);
            sent_ += bytes.size();
            break;
        }
        case Verb::finish:
            client_.finish();
            break;
        case Verb::close:
            client_.close();
            break;
        case Verb::reset:
            client_.reset();
            break;
        case Verb::stop_reading:
            client_.stop_reading();
            break;
        case Verb::go_on_reading:
            client_.go_on_reading();
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
void ClientPlayer::watch_state() {
    const ClientState state = client_.state();
    connected_ = connected_ || was_connected(state);
    if (client_.peer_finished() && !peer_finished_) {
        peer_finished_ = true;
        say_("client " + name_ + ": the other side has finished");
    }
    const bool had_ended = is_end(state_);
    if (std::exchange(state_, state) == state || had_ended) {
        return;
    }
    std::string line = "client " + name_ + ": " + word(state);
    if (state == ClientState::connected) {
        line += " from " + to_string(client_.local_address()) + " to " +
                to_string(client_.remote_address());
    } else {
        line += ", " + std::to_string(sent_) + " bytes sent and " +
                std::to_string(bytes_received()) + " received";
    }
    say_(line);
}

std::string ClientPlayer::expected() const {
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
std::string ClientPlayer::what_came() const {
    const Step& now = step();
    const bool of_bytes = now.verb == Verb::expect || now.verb == Verb::expect_line;
    const std::string_view bytes =
        of_bytes ? unread() : std::string_view(client_.received()).substr(seen_);
    std::string came;
    if (now.verb == Verb::expect && bytes.size() > 60 && matched_ < bytes.size()) {
        came = show_bytes(bytes.substr(matched_)) + " came after " + std::to_string(matched_) +
               " bytes that were right";
    } else {
        came = (bytes.empty() ? std::string("nothing") : show_bytes(bytes)) + " came";
    }
    const ClientState state = client_.state();
    came += std::string(", and it is ") + word(state);
    if (state == ClientState::connected && client_.peer_finished()) {
        came += ", with the other side finished";
    }
    return came;
}

}  // namespace wskrun
