// SPDX-License-Identifier: MIT
// What a peer sends, and whether what it expects has come.
#include "sim/datagram_player.h"

#include <utility>

#include "sim/names.h"
#include "sim/pattern.h"
#include "sim/read_bytes.h"

namespace wskrun {

namespace {

bool is_expectation(DatagramVerb verb) noexcept {
    return verb >= DatagramVerb::answer && verb != DatagramVerb::expect_nothing;
}

}  // namespace

DatagramPlayer::DatagramPlayer(const DatagramsPlan& plan,
                               const std::string& name,
                               owsk::Simulation& simulation,
                               std::function<void(const std::string&)> say)
    : plan_(plan), title_("datagrams " + name), simulation_(simulation), say_(std::move(say)) {}

void DatagramPlayer::open(owsk::Computer& computer) {
    port_ = computer.open_datagrams(plan_.from.ip, plan_.from.port);
    say_(title_ + ": at " + to_string(port_->local_address()));
}

void DatagramPlayer::begin() {
    begun_ = true;
    begin_step();
}

std::uint64_t DatagramPlayer::received() const {
    return port_ ? port_->received().size() : received_;
}

bool DatagramPlayer::is_echoing() const noexcept {
    return has_done_everything() && !plan_.steps.empty() &&
           plan_.steps.back().verb == DatagramVerb::echo;
}

bool DatagramPlayer::has_unread() const {
    return port_->received().size() > consumed_;
}

bool DatagramPlayer::time_is_up() const {
    return simulation_.now() >= step_began_ + step().time;
}

Duration DatagramPlayer::next_send() const {
    return step_began_ + step().every * done_;
}

bool DatagramPlayer::can_go_on() const {
    if (!begun_) {
        return false;
    }
    if (over_) {
        return is_echoing() && has_unread();
    }
    switch (step().verb) {
        case DatagramVerb::send:
            return simulation_.now() >= next_send();
        case DatagramVerb::echo:
            return true;
        case DatagramVerb::wait:
            return time_is_up();
        case DatagramVerb::expect_nothing:
            return time_is_up() || port_->received().size() != seen_;
        case DatagramVerb::answer:
        case DatagramVerb::expect:
        case DatagramVerb::expect_like:
            return time_is_up() || has_unread();
    }
    return false;
}

std::optional<Duration> DatagramPlayer::deadline() const {
    if (!begun_ || over_) {
        return {};
    }
    return step().verb == DatagramVerb::send ? next_send() : step_began_ + step().time;
}

void DatagramPlayer::go_on() {
    while (begun_ && !over_ && do_step()) {
        ++at_;
        begin_step();
    }
    if (begun_ && is_echoing()) {
        echo();
    }
}

void DatagramPlayer::begin_step() {
    over_ = at_ == plan_.steps.size();
    if (over_) {
        say_(title_ + ": all steps done, " + std::to_string(sent_) + " datagrams sent and " +
             std::to_string(received()) + " received");
        return;
    }
    step_began_ = simulation_.now();
    seen_ = received();
    done_ = 0;
}

bool DatagramPlayer::do_step() {
    switch (step().verb) {
        case DatagramVerb::send:
            return send_what_is_due();
        case DatagramVerb::echo:
            return true;
        case DatagramVerb::wait:
            return time_is_up();
        case DatagramVerb::expect_nothing:
            if (port_->received().size() != seen_) {
                const owsk::DatagramPeer::Datagram& datagram = port_->received()[seen_];
                fail(show_bytes(datagram.data) + " came from " + to_string(datagram.from));
                return false;
            }
            return time_is_up();
        case DatagramVerb::answer:
        case DatagramVerb::expect:
        case DatagramVerb::expect_like:
            return take_what_came();
    }
    return false;
}

bool DatagramPlayer::send_what_is_due() {
    while (done_ < step().count && simulation_.now() >= next_send()) {
        port_->send_to(step().to.ip, step().to.port, repeated(step().text, step().repeat));
        ++sent_;
        ++done_;
    }
    return done_ == step().count;
}

bool DatagramPlayer::take_what_came() {
    while (done_ < step().count && has_unread()) {
        const owsk::DatagramPeer::Datagram datagram = port_->received()[consumed_];
        if (!is_as_expected(datagram)) {
            fail(show_bytes(datagram.data) + " came from " + to_string(datagram.from));
            return false;
        }
        ++consumed_;
        ++done_;
        if (step().verb == DatagramVerb::answer) {
            send_back(datagram, repeated(step().text, step().repeat));
        }
    }
    if (done_ == step().count) {
        return true;
    }
    if (time_is_up()) {
        fail(done_ == 0 ? "nothing came" : std::to_string(done_) + " came");
    }
    return false;
}

bool DatagramPlayer::is_as_expected(const owsk::DatagramPeer::Datagram& datagram) const {
    if (!step().from.empty() && to_string(datagram.from) != step().from) {
        return false;
    }
    switch (step().verb) {
        case DatagramVerb::expect:
            return datagram.data == repeated(step().text, step().repeat);
        case DatagramVerb::expect_like:
            return matches(datagram.data, step().text);
        default:
            return true;
    }
}

void DatagramPlayer::send_back(const owsk::DatagramPeer::Datagram& datagram,
                               const std::string& data) {
    port_->send_to(ip_of(datagram.from), datagram.from.port, data);
    ++sent_;
}

void DatagramPlayer::echo() {
    while (has_unread()) {
        const owsk::DatagramPeer::Datagram datagram = port_->received()[consumed_];
        ++consumed_;
        send_back(datagram, datagram.data);
    }
}

void DatagramPlayer::fail(const std::string& but) {
    failures_.push_back({step().line, title_ + " expected " + expected() + ", but " + but});
    failed_ = true;
    over_ = true;
}

std::string DatagramPlayer::expected() const {
    const DatagramStep& now = step();
    if (now.verb == DatagramVerb::expect_nothing) {
        return "nothing for " + show(now.time);
    }
    std::string text = now.count == 1 ? "a datagram" : std::to_string(now.count) + " datagrams";
    if (now.verb == DatagramVerb::expect) {
        text += ' ' + show_bytes(repeated(now.text, now.repeat));
    } else if (now.verb == DatagramVerb::expect_like) {
        text += " like " + show_bytes(now.text);
    }
    return text + (now.from.empty() ? "" : " from " + now.from) + " within " + show(now.time);
}

void DatagramPlayer::give_up() {
    if (begun_ && !over_ && is_expectation(step().verb)) {
        fail("the run ended, and " + (done_ == 0 ? "nothing" : std::to_string(done_)) + " came");
    }
    over_ = true;
}

void DatagramPlayer::dismiss() {
    dismissed_ = dismissed_ || !over_;
    over_ = true;
    begun_ = false;
    received_ = received();
    port_.reset();
}

std::vector<Failure> DatagramPlayer::take_failures() {
    return std::exchange(failures_, {});
}

}  // namespace wskrun
