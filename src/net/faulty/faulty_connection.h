// SPDX-License-Identifier: MIT
// FaultyConnection: a connection that transfers less than it could, and breaks, when it is told to.
#pragma once

#include <openwsk/faults.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/network.h"

namespace owsk::net {

class FaultyConnection final : public Connection, private ConnectionEvents, private host::Task {
  public:
    FaultyConnection(std::unique_ptr<Connection> inner, Faults& faults) noexcept
        : inner_(std::move(inner)), faults_(faults) {}

    // The peer resets it: from now on it is dead, and its owner hears of it. With no transfer under
    // way.
    void drop() noexcept;

    const Address& local_address() const noexcept override { return inner_->local_address(); }
    const Address& remote_address() const noexcept override { return inner_->remote_address(); }
    void announce_acknowledgments() noexcept override { inner_->announce_acknowledgments(); }
    NTSTATUS start(host::Processor& processor, ConnectionEvents& events) noexcept override;
    Transfer receive(std::span<const Slice> slices) noexcept override;
    Transfer discard(std::size_t limit) noexcept override;
    Transfer send(std::span<const Slice> slices, bool more) noexcept override;
    void push() noexcept override { inner_->push(); }
    NTSTATUS finish_sending() noexcept override;
    bool finish_acknowledged() noexcept override;
    std::size_t unacknowledged() noexcept override {
        return is_dropped() ? never_acknowledged_.load() : inner_->unacknowledged();
    }
    std::size_t unread() noexcept override { return is_dropped() ? 0 : inner_->unread(); }
    std::size_t ideal_send_backlog() noexcept override { return inner_->ideal_send_backlog(); }
    void abort() noexcept override { inner_->abort(); }
    NTSTATUS silence() noexcept override { return inner_->silence(); }
    NTSTATUS failure() noexcept override;
    NTSTATUS look_for_failure() noexcept override;
    Result<std::uint32_t> get_option(SocketOption option) noexcept override {
        return inner_->get_option(option);
    }
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override {
        return inner_->set_option(option, value);
    }
    void hand_over(ConnectionEvents& events) noexcept override { events_ = &events; }
    // What we have announced before runs before `closed`: tasks of a processor run in order.
    void close(host::Task& closed) noexcept override { inner_->close(closed); }

  private:
    void on_ready(Readiness readiness) noexcept override;
    // Tells `events_` what is due, on the processor.
    void run() noexcept override;
    bool is_dropped() const noexcept { return dropped_.load(std::memory_order_acquire); }
    void announce(std::atomic<bool>& what) noexcept;

    const std::unique_ptr<Connection> inner_;
    Faults& faults_;
    host::Processor* processor_ = nullptr;
    ConnectionEvents* events_ = nullptr;
    std::atomic<bool> dropped_ = false;
    static constexpr std::size_t not_dropped = SIZE_MAX;
    std::atomic<std::size_t> never_acknowledged_ = not_dropped;
    bool is_full_ = false;  // of the sending side: the next send finds no room
    // Announcements that are due.
    std::atomic<bool> failed_ = false;
    std::atomic<bool> readable_ = false;
    std::atomic<bool> writable_ = false;
};

}  // namespace owsk::net
