// SPDX-License-Identifier: MIT
// A Tcb in the shape of net/network.h.
#include "net/sim/sim_connection.h"

#include <algorithm>
#include <utility>

namespace owsk::net {

namespace {

bool is_empty(std::span<const Slice> slices) noexcept {
    return std::all_of(
        slices.begin(), slices.end(), [](const Slice& slice) { return slice.length == 0; });
}

}  // namespace

NTSTATUS status_of(TcpEnd end) noexcept {
    switch (end) {
        case TcpEnd::none:
            return STATUS_SUCCESS;
        case TcpEnd::refused:
            return STATUS_CONNECTION_REFUSED;
        case TcpEnd::reset:
            return STATUS_CONNECTION_RESET;
        case TcpEnd::timed_out:
            return STATUS_IO_TIMEOUT;
        case TcpEnd::aborted:
            return STATUS_CONNECTION_ABORTED;
    }
    return STATUS_UNSUCCESSFUL;
}

SimConnection::SimConnection(std::shared_ptr<Tcb> tcb,
                             const Address& local,
                             const Address& remote) noexcept
    : tcb_(std::move(tcb)), local_(local), remote_(remote) {}

SimConnection::~SimConnection() {
    leave();
}

NTSTATUS SimConnection::start(host::Processor& processor, ConnectionEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    tcb_->set_user(this);
    // What has happened before is news as well.
    on_tcp({.readable = tcb_->unread() != 0 || tcb_->peer_has_finished(),
            .writable = true,
            .peer_finished = tcb_->peer_has_finished(),
            .failed = failure() != STATUS_SUCCESS});
    return STATUS_SUCCESS;
}

void SimConnection::on_tcp(Readiness readiness) noexcept {
    news_.readable = news_.readable || readiness.readable;
    news_.writable = news_.writable || readiness.writable;
    news_.peer_finished = news_.peer_finished || readiness.peer_finished;
    news_.failed = news_.failed || readiness.failed;
    processor_->post(announcement_);
}

void SimConnection::announce() noexcept {
    if (closed_ == nullptr) {
        events_->on_ready(std::exchange(news_, {}));
    }
}

Transfer SimConnection::receive(std::span<const Slice> slices) noexcept {
    return is_empty(slices) ? Transfer{Outcome::done}
                            : received([&] { return tcb_->read(slices); });
}

Transfer SimConnection::discard(std::size_t limit) noexcept {
    return limit == 0 ? Transfer{Outcome::done} : received([&] { return tcb_->discard(limit); });
}

template <typename Take>
Transfer SimConnection::received(Take take) noexcept {
    if (failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    const std::size_t count = take();
    if (count != 0) {
        return {Outcome::done, count};
    }
    return {tcb_->peer_has_finished() ? Outcome::end_of_stream : Outcome::would_block};
}

Transfer SimConnection::send(std::span<const Slice> slices, bool more) noexcept {
    if (failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    if (is_empty(slices)) {
        return {Outcome::done};
    }
    const std::size_t count = tcb_->write(slices, more);
    return count != 0 ? Transfer{Outcome::done, count} : Transfer{Outcome::would_block};
}

void SimConnection::push() noexcept {
    tcb_->push();
}

NTSTATUS SimConnection::finish_sending() noexcept {
    if (failure() == STATUS_SUCCESS) {
        tcb_->finish();
    }
    return failure();
}

bool SimConnection::finish_acknowledged() noexcept {
    return tcb_->finish_acknowledged() && failure() == STATUS_SUCCESS;
}

std::size_t SimConnection::unacknowledged() noexcept {
    return tcb_->unacknowledged() + tcb_->never_acknowledged();
}

void SimConnection::abort() noexcept {
    tcb_->abort();
    aborted_ = true;
}

NTSTATUS SimConnection::silence() noexcept {
    tcb_->set_user(nullptr);
    tcb_->silence();
    is_silent_ = true;
    return STATUS_SUCCESS;
}

NTSTATUS SimConnection::failure() noexcept {
    if (tcb_->end() != TcpEnd::none) {
        return status_of(tcb_->end());
    }
    return aborted_ ? STATUS_CONNECTION_ABORTED : STATUS_SUCCESS;
}

Result<std::uint32_t> SimConnection::get_option(SocketOption option) noexcept {
    return tcb_->options().get(option);
}

NTSTATUS SimConnection::set_option(SocketOption option, std::uint32_t value) noexcept {
    tcb_->set_option(option, value);
    return STATUS_SUCCESS;
}

void SimConnection::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    tcb_->set_user(nullptr);
    // Behind an announcement that is queued already.
    processor_->post(end_);
}

void SimConnection::end() noexcept {
    leave();
    closed_->run();
}

void SimConnection::leave() noexcept {
    if (std::exchange(left_, true)) {
        return;
    }
    tcb_->set_user(nullptr);
    if (is_silent_) {
        tcb_->forget();
    } else if (tcb_->is_finishing() && tcb_->peer_has_finished()) {
        tcb_->close();
    } else {
        tcb_->abort();
    }
}

}  // namespace owsk::net
