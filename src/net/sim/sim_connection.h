// SPDX-License-Identifier: MIT
// SimConnection: a TCP connection of a simulated computer, as the provider uses it. Only the thread
// that has the turn is here (host/sim/world.h), so nothing is locked.
#pragma once

#include <memory>

#include "net/bound.h"
#include "net/network.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

// The statuses that net/linux/errno_map.cpp gives for the same events.
NTSTATUS status_of(TcpEnd end) noexcept;

class SimConnection final : public Connection, private TcpUser {
  public:
    // `tcb` is established, or has been, and nobody uses it. Addresses as the listener shows them.
    SimConnection(std::shared_ptr<Tcb> tcb, const Address& local, const Address& remote) noexcept;
    ~SimConnection();

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    void announce_acknowledgments() noexcept override { tcb_->tell_acknowledgments(); }
    NTSTATUS start(host::Processor& processor, ConnectionEvents& events) noexcept override;

    Transfer receive(std::span<const Slice> slices) noexcept override;
    Transfer discard(std::size_t limit) noexcept override;
    // Precondition: sending is not finished.
    Transfer send(std::span<const Slice> slices, bool more) noexcept override;
    void push() noexcept override;

    NTSTATUS finish_sending() noexcept override;
    bool finish_acknowledged() noexcept override;
    std::size_t unacknowledged() noexcept override;
    std::size_t unread() noexcept override { return tcb_->unread(); }
    std::size_t ideal_send_backlog() noexcept override {
        return ideal_send_backlog_of(tcb_->largest_send_window(), tcb_->options().send_buffer);
    }
    void abort() noexcept override;
    NTSTATUS silence() noexcept override;
    NTSTATUS failure() noexcept override;

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;

    void hand_over(ConnectionEvents& events) noexcept override { events_ = &events; }
    void close(host::Task& closed) noexcept override;

  private:
    void on_tcp(Readiness readiness) noexcept override;
    void announce() noexcept;
    void end() noexcept;
    void leave() noexcept;
    template <typename Take>
    Transfer received(Take take) noexcept;

    const std::shared_ptr<Tcb> tcb_;
    const Address local_;
    const Address remote_;
    host::Processor* processor_ = nullptr;
    ConnectionEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    Readiness news_;  // since the last announcement
    bool aborted_ = false;
    bool is_silent_ = false;
    bool left_ = false;
    BoundTask<SimConnection, &SimConnection::announce> announcement_{*this};
    BoundTask<SimConnection, &SimConnection::end> end_{*this};
};

}  // namespace owsk::net
