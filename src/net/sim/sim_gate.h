// SPDX-License-Identifier: MIT
// SimGate: the conditional listener of a simulated computer. A SYN is held until the verdict,
// before any handshake. A SYN that comes again is known and asks nobody. Clients go away by RST, or
// by falling silent; then the next SYN is overdue.
#pragma once

#include <openwsk/gate_limits.h>
#include <openwsk/gate_mode.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "host/sim/event_queue.h"
#include "net/bound.h"
#include "net/client_shares.h"
#include "net/flow.h"
#include "net/network.h"
#include "net/sim/sim_attempt.h"
#include "net/sim/syn_loop.h"
#include "net/sim/tcp/listener.h"

namespace owsk::net {

class SimGate final : public Listener, private SynHolder, private TcpParent {
  public:
    // Counters and loop outlive the gate. Without a loop attempts are posted to the processor.
    SimGate(std::unique_ptr<TcpListener> listener,
            const GateLimits& limits,
            GateReport report,
            GateCounters& counters,
            SynLoop* loop = nullptr);
    ~SimGate();

    const Address& local_address() const noexcept override { return local_; }
    const GateReport& gate() const noexcept override { return report_; }
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    // Conditional listeners hand their connections to on_established.
    Result<std::unique_ptr<Connection>> accept() noexcept override { return STATUS_NOT_SUPPORTED; }
    void connection_taken() noexcept override;
    void allow_port_sharing(bool allow) noexcept override;

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;
    // Attempts that are held, or accepted and not yet established, are announced as aborted before
    // `closed` runs.
    void close(host::Task& closed) noexcept override;

    // For the attempts.
    void carry_out_accept(SimAttempt& attempt);
    void carry_out_reject(SimAttempt& attempt);
    void give_up(SimAttempt& attempt);

  private:
    enum class News : std::uint8_t { attempt, established, aborted };
    struct Announcement {
        News news;
        std::shared_ptr<SimAttempt> attempt;
        std::unique_ptr<Connection> connection;
    };
    struct Delivery final : host::Task {
        explicit Delivery(SimGate& owner) noexcept : gate(owner) {}
        void run() noexcept override { gate.announce(); }
        bool may_run_in_place() const noexcept override { return true; }
        SimGate& gate;
    };
    // A SYN that was answered by RST already, or whose client has gone.
    struct Resolved {
        Instant until;
        Flow flow;
        std::uint32_t sequence;
    };

    void on_syn(const TcpSegment& syn) noexcept override;
    void on_reset(const TcpSegment& reset) noexcept override;
    bool has_room() const noexcept override { return true; }
    void on_established(const std::shared_ptr<Tcb>& tcb) noexcept override;
    void on_given_up(Tcb& tcb) noexcept override;

    SimAttempt* find(const Flow& flow) const noexcept;
    void hold(const TcpSegment& syn);
    void watch(SimAttempt& attempt);
    bool was_resolved(const Flow& flow, std::uint32_t sequence);
    void remember(const SimAttempt& attempt);
    // Takes the attempt off the list, and gives it back.
    std::shared_ptr<SimAttempt> forget(SimAttempt& attempt);
    void announce_later(News news,
                        std::shared_ptr<SimAttempt> attempt,
                        std::unique_ptr<Connection> connection = nullptr);
    void hand_on() noexcept;
    void announce() noexcept;
    void announce(Announcement& announcement) noexcept;
    void establish(SimAttempt& attempt, std::unique_ptr<Connection> connection) noexcept;
    void refuse_all();
    void end() noexcept;
    void come_past_loop() noexcept { processor_->post(leave_); }
    void leave() noexcept { closed_->run(); }
    host::EventQueue& events_queue() const noexcept;

    const std::size_t held_limit_;
    const std::size_t untaken_limit_;
    const GateReport report_;
    const Address local_;
    std::unique_ptr<TcpListener> listener_;
    GateCounters& counters_;
    SynLoop* const loop_;
    host::Processor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;

    // Held, or accepted and not established.
    std::vector<std::shared_ptr<SimAttempt>> attempts_;
    // Never walked through.
    std::unordered_map<Flow, SimAttempt*, FlowHash> by_flow_;
    std::unordered_map<Flow, std::uint32_t, FlowHash> resolved_by_flow_;
    std::deque<Resolved> resolved_;  // oldest first
    std::deque<Announcement> announcements_;
    ClientShares shares_;               // of those that are held
    std::size_t untaken_ = 0;           // announced as established, and not taken yet
    std::deque<Announcement> backlog_;  // established, and to be announced when there is room
    Delivery delivery_{*this};
    BoundTask<SimGate, &SimGate::hand_on> hand_on_{*this};
    BoundTask<SimGate, &SimGate::end> end_{*this};
    BoundTask<SimGate, &SimGate::come_past_loop> past_loop_{*this};
    BoundTask<SimGate, &SimGate::leave> leave_{*this};
};

}  // namespace owsk::net
