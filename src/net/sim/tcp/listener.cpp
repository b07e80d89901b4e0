// SPDX-License-Identifier: MIT
// Who gets a SYN, and what waits.
#include "net/sim/tcp/listener.h"

#include <algorithm>
#include <utility>

#include "net/sim/tcp/stack.h"

namespace owsk::net {

Result<std::unique_ptr<TcpListener>> TcpListener::open(TcpStack& stack,
                                                       const Address& address,
                                                       const ListenOptions& options,
                                                       const TcpOptions& tcp_options,
                                                       std::size_t backlog) {
    const Result<Address> local = stack.choose_port(address, options);
    if (!local) {
        return local.status();
    }
    return std::unique_ptr<TcpListener>(
        new TcpListener(stack, *local, options, tcp_options, backlog));
}

TcpListener::TcpListener(TcpStack& stack,
                         const Address& local,
                         const ListenOptions& options,
                         const TcpOptions& tcp_options,
                         std::size_t backlog) noexcept
    : stack_(stack),
      local_(local),
      claim_(local, options.v6_only),
      shares_port_(options.share_port),
      tcp_options_(tcp_options),
      backlog_(backlog) {
    stack_.add(*this);
}

TcpListener::~TcpListener() {
    stack_.remove(*this);
    for (const std::shared_ptr<Tcb>& tcb : std::exchange(half_open_, {})) {
        tcb->disown();
    }
    for (const std::shared_ptr<Tcb>& tcb : waiting_) {
        tcb->abort();
    }
}

Address TcpListener::shown(const Address& address) const noexcept {
    const bool is_mapped = local_.family == Family::ipv6 && address.family == Family::ipv4;
    return is_mapped ? v4_mapped(address) : address;
}

std::shared_ptr<Tcb> TcpListener::accept() noexcept {
    if (waiting_.empty()) {
        return nullptr;
    }
    std::shared_ptr<Tcb> next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

void TcpListener::receive(const TcpSegment& segment) {
    if (segment.has(Control::rst)) {
        if (holder_ != nullptr) {
            holder_->on_reset(segment);
        }
        return;
    }
    if (!segment.has(Control::syn)) {
        return;
    }
    if (refusals_ > 0) {
        --refusals_;
        stack_.refuse(segment);
        return;
    }
    if (holder_ != nullptr) {
        holder_->on_syn(segment);
        return;
    }
    // As on Linux, a SYN that finds no room is dropped: the client will try again.
    if (!has_room() || half_open_.size() >= backlog_) {
        return;
    }
    half_open_.push_back(stack_.make_incoming(segment, tcp_options_));
    half_open_.back()->answer(segment, *this);
}

void TcpListener::on_established(const std::shared_ptr<Tcb>& tcb) noexcept {
    std::erase(half_open_, tcb);
    waiting_.push_back(tcb);
    if (user_ != nullptr) {
        user_->on_incoming();
    }
}

void TcpListener::on_given_up(Tcb& tcb) noexcept {
    std::erase_if(half_open_, [&](const auto& one) { return one.get() == &tcb; });
}

}  // namespace owsk::net
