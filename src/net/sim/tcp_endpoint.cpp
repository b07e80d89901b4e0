// SPDX-License-Identifier: MIT
// A test's end of a connection.
#include "net/sim/tcp_endpoint.h"

#include <algorithm>
#include <utility>

#include "net/sim/tcp/stack.h"

namespace owsk::net {

namespace {

constexpr Address nowhere = {};

}  // namespace

TcpEndpoint::TcpEndpoint(Computer& computer, std::shared_ptr<Tcb> accepted)
    : computer_(computer), options_(accepted->options()), tcb_(std::move(accepted)) {
    tcb_->set_user(this);
    pump();
}

TcpEndpoint::~TcpEndpoint() {
    close();
}

NTSTATUS TcpEndpoint::connect(const Address& to, const std::optional<Address>& from) {
    if (tcb_ != nullptr) {
        return STATUS_CONNECTION_ACTIVE;
    }
    Result<std::shared_ptr<Tcb>> tcb = computer_.tcp().make_outgoing(to, from, options_);
    if (!tcb) {
        return tcb.status();
    }
    tcb_ = std::move(*tcb);
    tcb_->set_user(this);
    tcb_->open();
    return STATUS_SUCCESS;
}

const Address& TcpEndpoint::local() const noexcept {
    return tcb_ != nullptr ? tcb_->flow().local : nowhere;
}

const Address& TcpEndpoint::remote() const noexcept {
    return tcb_ != nullptr ? tcb_->flow().remote : nowhere;
}

TcpState TcpEndpoint::state() const noexcept {
    return tcb_ != nullptr ? tcb_->state() : TcpState::closed;
}

bool TcpEndpoint::is_connected() const noexcept {
    return tcb_ != nullptr && tcb_->was_established();
}

TcpEnd TcpEndpoint::end() const noexcept {
    return tcb_ != nullptr ? tcb_->end() : TcpEnd::none;
}

bool TcpEndpoint::finish_acknowledged() const noexcept {
    return tcb_ != nullptr && tcb_->finish_acknowledged();
}

bool TcpEndpoint::is_over() const noexcept {
    return end() != TcpEnd::none || (saw_end_ && finish_acknowledged());
}

void TcpEndpoint::send(std::string_view bytes) {
    if (finishing_ || closed_ || end() != TcpEnd::none) {
        return;
    }
    unsent_.append(bytes);
    pump();
}

std::size_t TcpEndpoint::unacknowledged() const noexcept {
    return unsent_.size() - unsent_from_ + (tcb_ != nullptr ? tcb_->unacknowledged() : 0);
}

std::string TcpEndpoint::take_received() noexcept {
    return std::exchange(received_, {});
}

void TcpEndpoint::set_reading(bool reading) {
    reading_ = reading;
    pump();
}

std::size_t TcpEndpoint::read_some(std::size_t limit) {
    if (tcb_ == nullptr) {
        return 0;
    }
    const std::size_t before = received_.size();
    const std::size_t count = std::min(limit, tcb_->unread());
    received_.resize(before + count);
    const Slice slice = {received_.data() + before, count};
    tcb_->read({&slice, 1});
    saw_end_ = saw_end_ || (tcb_->peer_has_finished() && tcb_->unread() == 0);
    return count;
}

std::size_t TcpEndpoint::unread() const noexcept {
    return tcb_ != nullptr ? tcb_->unread() : 0;
}

void TcpEndpoint::set_receive_buffer(std::uint32_t bytes) noexcept {
    options_.set(SocketOption::receive_buffer, bytes);
    if (tcb_ != nullptr) {
        tcb_->set_option(SocketOption::receive_buffer, bytes);
    }
}

void TcpEndpoint::finish() {
    finishing_ = true;
    pump();
}

void TcpEndpoint::reset() {
    closed_ = true;
    unsent_.clear();
    unsent_from_ = 0;
    if (tcb_ != nullptr) {
        tcb_->abort();
    }
}

void TcpEndpoint::close() {
    if (tcb_ == nullptr || std::exchange(closed_, true)) {
        return;
    }
    // TCP keeps what was to be sent, whatever the size of its buffer.
    tcb_->set_option(SocketOption::send_buffer, static_cast<std::uint32_t>(-1));
    pump();
    tcb_->close();
}

// Moves what waits on either side.
void TcpEndpoint::pump() {
    if (tcb_ == nullptr) {
        return;
    }
    if (reading_) {
        read_some(tcb_->unread());
    }
    if (tcb_->end() != TcpEnd::none) {
        unsent_.clear();
        unsent_from_ = 0;
        return;
    }
    if (unsent_from_ < unsent_.size()) {
        const Slice rest = {unsent_.data() + unsent_from_, unsent_.size() - unsent_from_};
        unsent_from_ += tcb_->write({&rest, 1}, false);
    }
    if (unsent_from_ == unsent_.size()) {
        unsent_.clear();
        unsent_from_ = 0;
        if (finishing_) {
            tcb_->finish();
        }
    }
}

void TcpEndpoint::on_tcp(Readiness) noexcept {
    pump();
    if (watcher_ != nullptr && !closed_) {
        watcher_->on_change(*this);
    }
}

}  // namespace owsk::net
