// SPDX-License-Identifier: MIT
// One step at a time: it is looked at again whenever something has come or its time is over.
#include "net/script/scripted_peer.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "net/script/wording.h"

namespace owsk::net::script {

namespace {

constexpr std::uint16_t first_dynamic_port = 49152;  // RFC 6335, 6
constexpr std::size_t longest_log = 200;

// "0.000250000", in seconds.
std::string seconds_text(Duration duration) {
    char text[40];
    std::snprintf(text,
                  sizeof text,
                  "%lld.%09lld",
                  static_cast<long long>(duration.count() / 1'000'000'000),
                  static_cast<long long>(duration.count() % 1'000'000'000));
    return text;
}

}  // namespace

ScriptedPeer::ScriptedPeer(Computer& computer, PeerScript script, Prng random)
    : computer_(computer), script_(std::move(script)) {
    talks_.reserve(script_.talks().size());
    std::uint16_t port = first_dynamic_port;
    for (const Talk& talk : script_.talks()) {
        talks_.emplace_back(talk, computer_.addresses(), port++, random);
    }
    computer_.set_handler(this);
}

ScriptedPeer::~ScriptedPeer() {
    computer_.set_handler(nullptr);
    stop_timer();
}

void ScriptedPeer::start() {
    OWSK_ASSERT(!is_started_);
    is_started_ = true;
    started_at_ = computer_.internet().now();
    advance();
}

void ScriptedPeer::on_packet(const Packet& packet) noexcept {
    const Instant now = computer_.internet().now();
    const auto taker = std::find_if(
        talks_.begin(), talks_.end(), [&packet](TalkState& talk) { return talk.takes(packet); });
    if (taker == talks_.end()) {
        log({}, false, packet);
        strays_.push_back({now, packet});
    } else {
        log(static_cast<std::size_t>(taker - talks_.begin()), false, packet);
        taker->arrived({now, packet});
    }
    advance();
}

void ScriptedPeer::expire() noexcept {
    is_timer_set_ = false;
    advance();
}

void ScriptedPeer::advance() {
    while (is_started_ && progress_ == Progress::running) {
        if (next_step_ == script_.steps().size()) {
            end(Progress::passed);
            return;
        }
        if (!has_begun_) {
            has_begun_ = true;
            step_began_ = computer_.internet().now();
        }
        const Next next =
            std::visit([this](const auto& action) { return perform(action); }, step().action);
        if (next == Next::wait) {
            return;
        }
        stop_timer();
        ++next_step_;
        has_begun_ = false;
    }
}

// A failed step says that it waits: nothing comes behind it.
ScriptedPeer::Next ScriptedPeer::perform(const step::Send& send_step) {
    const std::variant<Packet, std::string> made = talk().make(send_step, words_);
    if (const auto* problem = std::get_if<std::string>(&made)) {
        fail(*problem);
        return Next::wait;
    }
    const Packet& packet = *std::get_if<Packet>(&made);
    talk().was_sent(send_step, packet);
    send(*step().talk, packet);
    return Next::go_on;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::SendAgain& again) {
    const Packet* packet = talk().sent(again.label);
    if (packet == nullptr) {
        fail("nothing was sent before that could be sent again");
        return Next::wait;
    }
    send(*step().talk, Packet(*packet));
    return Next::go_on;
}

std::string ScriptedPeer::misfit_of(const step::Expect& expect, const Arrival& arrival) const {
    const TalkState& talk = talks_[*step().talk];
    std::string misfit = talk.misfit(expect, arrival.packet, words_);
    const bool may_be_early = expect.after == Duration::zero();
    if (misfit.empty() && !may_be_early && arrival.time < step_began_ + expect.after) {
        misfit = "it came before " + duration_text(expect.after) + " had passed";
    }
    return misfit;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::Expect& expect) {
    std::deque<Arrival>& unread = talk().unread();
    while (!unread.empty()) {
        const Arrival arrival = std::move(unread.front());
        unread.pop_front();
        const std::string misfit = misfit_of(expect, arrival);
        if (misfit.empty() || expect.passes_over) {
            talk().was_seen(arrival.packet);
        }
        if (misfit.empty()) {
            return Next::go_on;
        }
        if (!expect.passes_over) {
            fail("this came instead: " + talk().text(arrival.packet, false) + "\n  " + misfit);
            return Next::wait;
        }
    }
    if (is_over(expect.within)) {
        fail(expect.passes_over ? "nothing that fits has come" : "nothing has come");
    }
    return Next::wait;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::ExpectNothing& nothing) {
    if (const std::string unexpected = first_unexpected(); !unexpected.empty()) {
        fail("this came: " + unexpected);
        return Next::wait;
    }
    return is_over(nothing.duration) ? Next::go_on : Next::wait;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::Wait& wait) {
    return is_over(wait.duration) ? Next::go_on : Next::wait;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::Discard&) {
    for (TalkState& one : talks_) {
        if (step().talk && &one != &talk()) {
            continue;
        }
        for (const Arrival& arrival : std::exchange(one.unread(), {})) {
            one.was_seen(arrival.packet);
        }
    }
    if (!step().talk) {
        strays_.clear();
    }
    return Next::go_on;
}

ScriptedPeer::Next ScriptedPeer::perform(const step::Let& let) {
    const std::int64_t value =
        step().talk ? talk().value(let.value, words_) : value_of(let.value, words_);
    words_.insert_or_assign(let.name, value);
    return Next::go_on;
}

bool ScriptedPeer::is_over(Duration after_begin) {
    host::EventQueue& events = computer_.internet().events();
    const Instant end = step_began_ + after_begin;
    if (events.now() < end) {
        events.set_timer(*this, end);
        is_timer_set_ = true;
        return false;
    }
    return true;
}

void ScriptedPeer::stop_timer() noexcept {
    if (std::exchange(is_timer_set_, false)) {
        computer_.internet().events().cancel_timer(*this);
    }
}

std::string ScriptedPeer::first_unexpected() const {
    for (std::size_t i = 0; i < talks_.size(); ++i) {
        const TalkState& one = talks_[i];
        if (step().talk.value_or(i) == i && !one.unread().empty()) {
            return one.talk().name + ' ' + one.text(one.unread().front().packet, false);
        }
    }
    const bool strays_count = !step().talk && !strays_.empty();
    return strays_count ? net::to_string(strays_.front().packet) : "";
}

void ScriptedPeer::send(std::size_t talk, const Packet& packet) {
    log(talk, true, packet);
    computer_.send(packet);
}

void ScriptedPeer::log(std::optional<std::size_t> talk, bool is_ours, const Packet& packet) {
    log_.push_back({computer_.internet().now(), talk, is_ours, packet});
    if (log_.size() > longest_log) {
        log_.pop_front();
        ++forgotten_entries_;
    }
}

void ScriptedPeer::fail(const std::string& reason) {
    failure_ = step_text() + "\n  " + reason + '\n' + log_text();
    end(Progress::failed);
}

void ScriptedPeer::end(Progress progress) {
    stop_timer();
    progress_ = progress;
    if (ended_) {
        ended_();
    }
}

std::string ScriptedPeer::report() const {
    switch (progress_) {
        case Progress::failed:
            return failure_;
        case Progress::passed:
            return "passed\n" + log_text();
        case Progress::running:
            break;
    }
    return (is_started_ ? "still at " + step_text() : "not started") + '\n' + log_text();
}

std::string ScriptedPeer::step_text() const {
    const std::string text = to_string(step(), script_);
    return step().line != 0 ? "line " + std::to_string(step().line) + ": " + text
                            : "step " + std::to_string(next_step_ + 1) + ": " + text;
}

std::string ScriptedPeer::text_of(const LogEntry& entry) const {
    const std::string time = "  " + seconds_text(entry.time - started_at_) + ' ';
    if (!entry.talk) {
        return time + "? < " + net::to_string(entry.packet);
    }
    const TalkState& talk = talks_[*entry.talk];
    return time + talk.talk().name + (entry.is_ours ? " > " : " < ") +
           talk.text(entry.packet, entry.is_ours);
}

std::string ScriptedPeer::log_text() const {
    if (log_.empty()) {
        return "no packet so far\n";
    }
    std::string text = "packets so far:\n";
    if (forgotten_entries_ != 0) {
        text += "  (" + std::to_string(forgotten_entries_) + " before these)\n";
    }
    for (const LogEntry& entry : log_) {
        text += text_of(entry) + '\n';
    }
    return text;
}

}  // namespace owsk::net::script
