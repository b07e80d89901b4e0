// SPDX-License-Identifier: MIT
// TcpListener: a port of a computer that answers SYNs (LISTEN). Plain, its connections wait in the
// backlog until they are accepted; with a holder, each SYN is shown to it instead.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/result.h"
#include "net/claim.h"
#include "net/network.h"
#include "net/sim/packet.h"
#include "net/sim/tcp/options.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

// As SOMAXCONN of Linux.
inline constexpr std::size_t default_backlog = 4096;

class TcpListenerUser {
  public:
    // accept() may have something. From an event of the network.
    virtual void on_incoming() noexcept = 0;

  protected:
    ~TcpListenerUser() = default;
};

// Decides about SYNs itself, instead of the listener.
class SynHolder {
  public:
    virtual void on_syn(const TcpSegment& syn) noexcept = 0;
    // RST of a computer that has no connection here.
    virtual void on_reset(const TcpSegment& reset) noexcept = 0;

  protected:
    ~SynHolder() = default;
};

class TcpListener final : private TcpParent {
  public:
    // Fails with the statuses of Network::listen. The stack outlives the listener; users and
    // holders may be null.
    static Result<std::unique_ptr<TcpListener>> open(TcpStack& stack,
                                                     const Address& address,
                                                     const ListenOptions& options,
                                                     const TcpOptions& tcp_options,
                                                     std::size_t backlog);
    // Resets what waits.
    ~TcpListener();
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;

    void set_user(TcpListenerUser* user) noexcept { user_ = user; }
    void set_holder(SynHolder* holder) noexcept { holder_ = holder; }

    const Address& local_address() const noexcept { return local_; }
    // How a connection's address is shown: an IPv6 listener shows IPv4 addresses as mapped ones.
    Address shown(const Address& address) const noexcept;

    const Claim& claim() const noexcept { return claim_; }
    bool shares_port() const noexcept { return shares_port_; }
    void share_port(bool share) noexcept { shares_port_ = share; }

    // The next so many SYNs are refused, as if nobody listened yet.
    void refuse_next(std::size_t syns) noexcept { refusals_ = syns; }

    TcpStack& stack() const noexcept { return stack_; }
    // Of the connections to come.
    TcpOptions& options() noexcept { return tcp_options_; }

    // The next established connection, or null.
    std::shared_ptr<Tcb> accept() noexcept;
    std::size_t waiting() const noexcept { return waiting_.size(); }

    // A segment of no connection, without ACK.
    void receive(const TcpSegment& segment);

  private:
    TcpListener(TcpStack& stack,
                const Address& local,
                const ListenOptions& options,
                const TcpOptions& tcp_options,
                std::size_t backlog) noexcept;

    bool has_room() const noexcept override { return waiting_.size() < backlog_; }
    void on_established(const std::shared_ptr<Tcb>& tcb) noexcept override;
    void on_given_up(Tcb& tcb) noexcept override;

    TcpStack& stack_;
    const Address local_;
    const Claim claim_;
    bool shares_port_;
    TcpOptions tcp_options_;
    const std::size_t backlog_;
    TcpListenerUser* user_ = nullptr;
    SynHolder* holder_ = nullptr;
    std::size_t refusals_ = 0;  // that are still to come
    // In SYN-RECEIVED, in the order of their SYNs.
    std::vector<std::shared_ptr<Tcb>> half_open_;
    std::deque<std::shared_ptr<Tcb>> waiting_;
};

}  // namespace owsk::net
