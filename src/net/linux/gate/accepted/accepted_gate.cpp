// SPDX-License-Identifier: MIT
// Everything but the verdict itself happens on the gate's processor, one thing after another.
#include "net/linux/gate/accepted/accepted_gate.h"

#include <poll.h>
#include <sys/epoll.h>

#include <optional>
#include <utility>

#include "net/gate_bounds.h"
#include "net/linux/errno_map.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

namespace {

// After this many in a row others on the processor have their turn.
constexpr int accepts_at_once = 64;

// A FIN alone does not count: a short-lived client may have sent all it has and finished.
bool is_reset(int fd) noexcept {
    pollfd look = {.fd = fd, .events = 0, .revents = 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

AcceptedGate::AcceptedGate(ListeningSocket socket, GateReport report, GateTerms& terms)
    : socket_(std::move(socket)),
      report_(std::move(report)),
      terms_(terms),
      share_(terms.descriptors),
      verdicts_(std::make_shared<VerdictBox>()) {}

AcceptedGate::AcceptedGate(ListeningSocket socket,
                           Late late,
                           Admissions& admissions,
                           GateTerms& terms)
    : socket_(std::move(socket)),
      late_(late),
      admissions_(&admissions),
      terms_(terms),
      share_(terms.descriptors),
      verdicts_(std::make_shared<VerdictBox>()) {}

NTSTATUS AcceptedGate::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    events_ = &events;
    shortage_.start(processor, events);
    verdicts_->open(processor, turn_);
    const int error = processor_->watch(socket_.fd(), EPOLLIN, *this);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

Result<std::uint32_t> AcceptedGate::get_option(SocketOption option) noexcept {
    return get_socket_option(socket_.fd(), option);
}

NTSTATUS AcceptedGate::set_option(SocketOption option, std::uint32_t value) noexcept {
    return set_socket_option(socket_.fd(), option, value);
}

void AcceptedGate::on_events(std::uint32_t) noexcept {
    accept_some();
}

void AcceptedGate::take_turn() noexcept {
    verdicts_->take(taken_);
    for (const std::shared_ptr<ConnectedAttempt>& attempt : taken_) {
        carry_out(*attempt);
    }
    taken_.clear();
    ask_those_in_line();
    if (more_waits_) {
        accept_some();
    }
}

void AcceptedGate::accept_some() noexcept {
    more_waits_ = false;
    for (int left = accepts_at_once; left > 0; --left) {
        if (!is_armed()) {
            // Closed by the callback for the attempt before.
            return;
        }
        if (!may_accept()) {
            pause();
            return;
        }
        AcceptedSocket accepted = socket_.accept();
        switch (accepted.outcome) {
            case AcceptOutcome::accepted:
                resume();
                receive(std::move(accepted));
                break;
            case AcceptOutcome::none:
                resume();
                return;
            case AcceptOutcome::exhausted:
                more_waits_ = true;
                pause();
                shortage_.meet();
                return;
            case AcceptOutcome::failed:
                retire();
                events_->on_failed(accepted.status);
                return;
        }
    }
    more_waits_ = true;
    verdicts_->call_turn();
}

std::size_t AcceptedGate::held_bound() const noexcept {
    return share_.bound(terms_.limits.held_attempts, held_after_the_handshake);
}

bool AcceptedGate::has_room() const noexcept {
    const std::size_t untaken =
        share_.bound(terms_.limits.untaken_connections, untaken_connections);
    return attempts_.size() < held_bound() && untaken_ + accepted_at_once_ < untaken;
}

bool AcceptedGate::may_accept() noexcept {
    if (has_room()) {
        return true;
    }
    // The next attempt that goes away, or connection that is taken, calls for another turn. One may
    // just have been taken by who had not seen this yet.
    more_waits_ = true;
    return has_room();
}

void AcceptedGate::pause() noexcept {
    if (admissions_ != nullptr && !std::exchange(is_paused_, true)) {
        admissions_->pause();
    }
}

void AcceptedGate::resume() noexcept {
    if (std::exchange(is_paused_, false)) {
        admissions_->resume();
    }
}

void AcceptedGate::connection_taken() noexcept {
    untaken_.fetch_sub(1);
    call_turn_if_some_wait();
}

void AcceptedGate::call_turn_if_some_wait() noexcept {
    if (more_waits_) {
        verdicts_->call_turn();
    }
}

void AcceptedGate::establish(ConnectionAttempt& attempt,
                             std::unique_ptr<Connection> connection) noexcept {
    untaken_.fetch_add(1, std::memory_order_relaxed);
    events_->on_established(attempt, std::move(connection));
}

void AcceptedGate::receive(AcceptedSocket accepted) noexcept {
    if (admissions_ == nullptr) {
        hold(std::move(accepted));
        return;
    }
    if (const auto attempt = admissions_->take(accepted.local, accepted.remote)) {
        establish(*attempt, connection_of(std::move(accepted.fd), accepted.local, accepted.remote));
        return;
    }
    if (!is_armed()) {
        // The gate in front is closed, and no longer knows whom it has admitted.
        reset_on_close(accepted.fd.get());
        return;
    }
    // An admitted client that has reset since is no longer known, and nobody misses it.
    if (!is_reset(accepted.fd.get())) {
        meet_late(std::move(accepted));
    }
}

void AcceptedGate::meet_late(AcceptedSocket accepted) noexcept {
    if (late_ == Late::reset) {
        terms_.tally.late_reset.fetch_add(1, std::memory_order_relaxed);
        reset_on_close(accepted.fd.get());
        return;
    }
    hold(std::move(accepted));
}

std::unique_ptr<LinuxConnection> AcceptedGate::connection_of(host::UniqueFd fd,
                                                             const Address& local,
                                                             const Address& remote) noexcept {
    return std::make_unique<LinuxConnection>(
        std::move(fd),
        local,
        remote,
        admissions_ == nullptr ? nullptr : admissions_->enter(local, remote));
}

void AcceptedGate::hold(AcceptedSocket accepted) noexcept {
    accepted.since = clock_.now();
    if (shares_.has_room_for(accepted.remote, held_bound())) {
        ask(std::move(accepted));
    } else if (in_line_.size() < held_bound()) {
        in_line_.push(std::move(accepted));
    } else {
        terms_.tally.reset_over_share.fetch_add(1, std::memory_order_relaxed);
        reset_on_close(accepted.fd.get());
    }
}

void AcceptedGate::ask_those_in_line() noexcept {
    const auto has_room_now = [&](const Address& client) {
        return shares_.has_room_for(client, held_bound());
    };
    while (is_armed() && has_room()) {
        std::optional<AcceptedSocket> next = in_line_.take_first(has_room_now);
        if (!next) {
            return;
        }
        ask(std::move(*next));
    }
}

void AcceptedGate::ask(AcceptedSocket accepted) noexcept {
    if (admissions_ != nullptr) {
        terms_.tally.late_inspected.fetch_add(1, std::memory_order_relaxed);
    }
    const auto attempt = std::make_shared<ConnectedAttempt>(
        *this, verdicts_, std::move(accepted.fd), accepted.local, accepted.remote, accepted.since);
    attempt->place_ = attempts_.size();
    attempts_.push_back(attempt);
    events_->on_attempt(attempt);
    // Most verdicts are given at once, and then nobody has to watch.
    const AttemptState state = attempt->life().state();
    if (state == AttemptState::held) {
        attempt->has_share_ = true;
        shares_.add(attempt->remote_);
        watch_held(*attempt);
    } else if (state == AttemptState::accepted) {
        attempt->accepted_at_once_ = true;
        ++accepted_at_once_;
    }
}

void AcceptedGate::watch_held(ConnectedAttempt& attempt) noexcept {
    if (processor_->watch(attempt.fd_.get(), EPOLLRDHUP, attempt) == 0) {
        attempt.watched_ = true;
    }
    // Without a watch the verdict still finds out what became of the client.
}

void AcceptedGate::client_left(ConnectedAttempt& attempt) noexcept {
    if (!attempt.life().abort_held()) {
        // A verdict came first; whoever carries it out looks at the descriptor.
        return;
    }
    const auto keep = attempt.shared_from_this();
    drop(attempt);
    forget(attempt);
    announce_abort(attempt);
}

void AcceptedGate::announce_abort(ConnectedAttempt& attempt) noexcept {
    if (attempt.life().announce_abort()) {
        events_->on_aborted(attempt);
    }
}

void AcceptedGate::carry_out(ConnectedAttempt& attempt) noexcept {
    forget(attempt);
    if (attempt.life().state() == AttemptState::rejected) {
        drop(attempt);
        return;
    }
    const bool is_there = !is_reset(attempt.fd_.get());
    const bool moved = is_there ? attempt.life().establish() : attempt.life().abort();
    OWSK_ASSERT(moved);
    if (!is_there) {
        drop(attempt);
        announce_abort(attempt);
        return;
    }
    if (attempt.watched_) {
        processor_->unwatch(attempt.fd_.get(), attempt);
    }
    establish(attempt, connection_of(std::move(attempt.fd_), attempt.local_, attempt.remote_));
}

void AcceptedGate::drop(ConnectedAttempt& attempt) noexcept {
    attempt.retire();
    reset_on_close(attempt.fd_.get());
    attempt.fd_.reset();
    // A descriptor is free again.
    call_turn_if_some_wait();
}

void AcceptedGate::forget(ConnectedAttempt& attempt) noexcept {
    std::swap(attempts_[attempt.place_], attempts_.back());
    attempts_[attempt.place_]->place_ = attempt.place_;
    attempts_.pop_back();
    accepted_at_once_ -= attempt.accepted_at_once_ ? 1 : 0;
    if (attempt.has_share_) {
        shares_.remove(attempt.remote_);
    }
    if (more_waits_ || in_line_.size() != 0) {
        // There is room again.
        verdicts_->call_turn();
    }
}

void AcceptedGate::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    retire();
    // In this order, so that no turn is queued behind the end.
    verdicts_->close();
    processor_->post(end_);
}

void AcceptedGate::end() noexcept {
    shortage_.end();
    more_waits_ = false;
    socket_.close();
    for (const AcceptedSocket& waiting : in_line_.take_all()) {
        reset_on_close(waiting.fd.get());
    }
    while (!attempts_.empty()) {
        const std::shared_ptr<ConnectedAttempt> attempt = attempts_.back();
        const bool is_rejected = !attempt->life().abort();
        forget(*attempt);
        drop(*attempt);
        if (!is_rejected) {
            announce_abort(*attempt);
        }
    }
    closed_->run();
}

}  // namespace owsk::net
