// SPDX-License-Identifier: MIT
// TcpStack: the connections and listeners of one computer, and what is answered to segments of
// neither.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "net/flow.h"
#include "net/sim/computer.h"
#include "net/sim/tcp/listener.h"
#include "net/sim/tcp/options.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

class TcpStack final : private host::Timer {
  public:
    // The computer outlives the stack.
    TcpStack(Computer& computer, Prng random) noexcept : computer_(computer), random_(random) {}
    // Precondition: no listener is left.
    ~TcpStack();
    TcpStack(const TcpStack&) = delete;
    TcpStack& operator=(const TcpStack&) = delete;

    Computer& computer() const noexcept { return computer_; }
    host::EventQueue& events() const noexcept { return computer_.internet().events(); }
    Instant now() const noexcept { return events().now(); }

    void receive(TcpSegment& segment) noexcept;
    // A segment was too large for the way, of which the computer knows more now.
    void receive_too_big(const TcpSegment& segment);
    void send(TcpSegment segment) { computer_.send(std::move(segment)); }

    // A connection to be opened; see TcpEndpoint::connect for the failures.
    Result<std::shared_ptr<Tcb>> make_outgoing(const Address& to,
                                               const std::optional<Address>& from,
                                               const TcpOptions& options);
    // A connection that answers a SYN. Precondition: there is none with the same ends.
    std::shared_ptr<Tcb> make_incoming(const TcpSegment& syn, const TcpOptions& options);
    // RST to a segment that belongs nowhere (RFC 9293, 3.10.7.1).
    void refuse(const TcpSegment& segment);

    bool has(const Flow& flow) const noexcept { return flows_.find(flow) != flows_.end(); }
    // The connection between two addresses, or null.
    std::shared_ptr<Tcb> find(const Address& local, const Address& remote) const noexcept;

    // For listeners and connectors: whether the address may be bound, and with which port.
    Result<Address> choose_port(const Address& address, const ListenOptions& options);
    void add(TcpListener& listener) { listeners_.push_back(&listener); }
    void remove(TcpListener& listener) noexcept { std::erase(listeners_, &listener); }

    // For connectors: the address is theirs. Others may have it too while that is agreed.
    void hold_port(const Address& address, const BindOptions& options) {
        held_.push_back({address, options});
    }
    void share_port(const Address& address, bool share) noexcept;
    void release_port(const Address& address) noexcept;

    // For connections: it has ended, or waits for late segments only.
    void remove(Tcb& tcb) noexcept;
    void start_time_wait(Tcb& tcb);
    std::size_t segment_size(const Flow& flow) const noexcept;

    std::size_t connections() const noexcept { return flows_.size(); }

  private:
    struct Waiting {
        Instant until;
        std::weak_ptr<Tcb> tcb;
        Instant since;
    };

    struct Held {
        Address address;
        BindOptions options;
    };

    void expire() noexcept override;
    bool is_taken(std::uint16_t port) const noexcept;
    TcpListener* find_listener(const Flow& flow) const noexcept;
    bool is_listening(std::uint16_t port) const noexcept;
    bool is_free_for_connect(const Flow& flow);
    std::optional<std::uint16_t> free_port(const Address& from, const Address& to);
    std::uint32_t first_sequence() noexcept;
    std::shared_ptr<Tcb> make(const Flow& flow, const TcpOptions& options, std::uint32_t sequence);

    Computer& computer_;
    Prng random_;
    // Never walked through, but to throw all of it away.
    std::unordered_map<Flow, std::shared_ptr<Tcb>, FlowHash> flows_;
    std::vector<TcpListener*> listeners_;
    std::vector<Held> held_;
    std::deque<Waiting> time_waits_;  // in the order in which they end
};

}  // namespace owsk::net
