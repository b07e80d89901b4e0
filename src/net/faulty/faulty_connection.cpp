// SPDX-License-Identifier: MIT
// Transfers cut short, with the rest announced as if it had come later; and resets.
#include "net/faulty/faulty_connection.h"

#include <ntstatus.h>

#include <algorithm>
#include <array>

namespace owsk::net {

namespace {

// The first slices of a transfer, cut after some of its bytes.
class Part {
  public:
    // `how` chooses from 1 byte to all but one. Precondition: more than one byte.
    Part(std::span<const Slice> slices, std::size_t total, std::uint64_t how) noexcept {
        std::size_t left = 1 + static_cast<std::size_t>(how % (total - 1));
        for (const Slice& slice : slices) {
            if (left == 0 || count_ == slices_.size()) {
                break;
            }
            const std::size_t length = std::min(slice.length, left);
            slices_[count_++] = {slice.base, length};
            left -= length;
        }
    }
    std::span<const Slice> get() const noexcept { return {slices_.data(), count_}; }

  private:
    std::array<Slice, slices_max> slices_;
    std::size_t count_ = 0;
};

std::size_t total_of(std::span<const Slice> slices) noexcept {
    std::size_t total = 0;
    for (const Slice& slice : slices) {
        total += slice.length;
    }
    return total;
}

constexpr Transfer dead{Outcome::failed, 0, STATUS_CONNECTION_RESET};

}  // namespace

NTSTATUS FaultyConnection::start(host::Processor& processor, ConnectionEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    const NTSTATUS status = inner_->start(processor, *this);
    if (NT_SUCCESS(status) && is_dropped()) {
        announce(failed_);
    }
    return status;
}

void FaultyConnection::drop() noexcept {
    // The first in time knows; what it says counts before anybody sees that it was dropped.
    std::size_t unknown = not_dropped;
    never_acknowledged_.compare_exchange_strong(unknown, inner_->unacknowledged());
    if (dropped_.exchange(true, std::memory_order_acq_rel)) {
        return;
    }
    inner_->abort();
    if (events_ != nullptr) {
        announce(failed_);
    }
}

void FaultyConnection::announce(std::atomic<bool>& what) noexcept {
    what.store(true, std::memory_order_release);
    processor_->post(*this);
}

void FaultyConnection::run() noexcept {
    Readiness readiness;
    readiness.failed = failed_.exchange(false, std::memory_order_acq_rel);
    readiness.readable = readable_.exchange(false, std::memory_order_acq_rel);
    readiness.writable = writable_.exchange(false, std::memory_order_acq_rel);
    events_->on_ready(readiness);
}

void FaultyConnection::on_ready(Readiness readiness) noexcept {
    // The end of the connection behind is our doing, and has been announced as a reset.
    if (!is_dropped()) {
        events_->on_ready(readiness);
    }
}

Transfer FaultyConnection::receive(std::span<const Slice> slices) noexcept {
    if (is_dropped()) {
        return dead;
    }
    if (faults_.strikes(Fault::drop_receiving)) {
        drop();
        return {Outcome::would_block};
    }
    const std::size_t total = faults_.is_set(Fault::short_receive) ? total_of(slices) : 0;
    if (total > 1) {
        if (const auto how = faults_.strike(Fault::short_receive)) {
            const Transfer transfer = inner_->receive(Part(slices, total, *how).get());
            if (transfer.outcome == Outcome::done) {
                // A short transfer means that there is no more, until something is announced.
                announce(readable_);
            }
            return transfer;
        }
    }
    return inner_->receive(slices);
}

Transfer FaultyConnection::discard(std::size_t limit) noexcept {
    if (is_dropped()) {
        return dead;
    }
    if (faults_.strikes(Fault::drop_receiving)) {
        drop();
        return {Outcome::would_block};
    }
    return inner_->discard(limit);
}

Transfer FaultyConnection::send(std::span<const Slice> slices, bool more) noexcept {
    if (is_dropped()) {
        return dead;
    }
    if (faults_.strikes(Fault::drop_sending)) {
        drop();
        return {Outcome::would_block};
    }
    if (is_full_) {
        is_full_ = false;
        announce(writable_);
        return {Outcome::would_block};
    }
    const std::size_t total = faults_.is_set(Fault::short_send) ? total_of(slices) : 0;
    if (total > 1) {
        if (const auto how = faults_.strike(Fault::short_send)) {
            const Transfer transfer = inner_->send(Part(slices, total, *how).get(), more);
            is_full_ = transfer.outcome == Outcome::done;
            return transfer;
        }
    }
    return inner_->send(slices, more);
}

NTSTATUS FaultyConnection::finish_sending() noexcept {
    if (is_dropped()) {
        return STATUS_CONNECTION_RESET;
    }
    if (faults_.strikes(Fault::drop_disconnecting)) {
        drop();
        return STATUS_SUCCESS;
    }
    return inner_->finish_sending();
}

bool FaultyConnection::finish_acknowledged() noexcept {
    return !is_dropped() && inner_->finish_acknowledged();
}

NTSTATUS FaultyConnection::failure() noexcept {
    return is_dropped() ? STATUS_CONNECTION_RESET : inner_->failure();
}

NTSTATUS FaultyConnection::look_for_failure() noexcept {
    return is_dropped() ? STATUS_CONNECTION_RESET : inner_->look_for_failure();
}

}  // namespace owsk::net
