// SPDX-License-Identifier: MIT
// AcceptedGate: the conditional listener without privileges. It lets the kernel establish each
// connection and holds it until the verdict. A client is rejected by RST. A client that finishes or
// resets its side while it is held has given up. Behind the SYN gate it hands on what was admitted
// there; what has slipped past it holds or resets.
//
// What it keeps is bounded, since each connection costs a descriptor. Above the bounds everybody
// waits in the kernel's queue. Who waits there is not seen before it is accepted: so that a client
// that has its share of what is held does not keep others there, its connections wait here in line,
// as many as are held, and are reset above that.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "net/bound.h"
#include "net/client_shares.h"
#include "net/linux/gate/accepted/connected_attempt.h"
#include "net/linux/gate/accepted/verdict_box.h"
#include "net/linux/gate/accepted/waiting_line.h"
#include "net/linux/gate/admissions.h"
#include "net/linux/gate/gate_terms.h"
#include "net/linux/listening_socket.h"
#include "net/linux/shortage.h"

namespace owsk::net {

class AcceptedGate final : public Listener, private host::Watch {
  public:
    // The terms outlive the gate.
    AcceptedGate(ListeningSocket socket, GateReport report, GateTerms& terms);
    // Behind a gate that has inspected those who are in `admissions`. What becomes of others:
    enum class Late : std::uint8_t { inspect, reset };
    AcceptedGate(ListeningSocket socket, Late late, Admissions& admissions, GateTerms& terms);

    const Address& local_address() const noexcept override { return socket_.local_address(); }
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    const GateReport& gate() const noexcept override { return report_; }
    // Conditional listeners hand their connections to on_established.
    Result<std::unique_ptr<Connection>> accept() noexcept override { return STATUS_NOT_SUPPORTED; }
    void connection_taken() noexcept override;
    void list_in_line(std::vector<HeldAttempt>& held, Instant now) override {
        in_line_.list(held, now);
    }
    void allow_port_sharing(bool allow) noexcept override { socket_.allow_port_sharing(allow); }

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;

    // From now on who was not admitted is reset, and nobody is asked. Only before close().
    void turn_away() noexcept { retire(); }

    // Attempts that are held, or accepted and not yet established, are announced as aborted before
    // `closed` runs.
    void close(host::Task& closed) noexcept override;

  private:
    friend class ConnectedAttempt;

    void on_events(std::uint32_t events) noexcept override;
    void take_turn() noexcept;
    void accept_some() noexcept;
    // Whether one more connection may be accepted. If not, it comes when there is room.
    bool may_accept() noexcept;
    std::size_t held_bound() const noexcept;
    bool has_room() const noexcept;
    // While connections have to wait in the kernel, the gate in front does not count on them.
    void pause() noexcept;
    void resume() noexcept;
    void receive(AcceptedSocket accepted) noexcept;
    // A connection whose SYN has slipped past the gate in front.
    void meet_late(AcceptedSocket accepted) noexcept;
    // Asks about it, now or when its client has room.
    void hold(AcceptedSocket accepted) noexcept;
    void ask(AcceptedSocket accepted) noexcept;
    void ask_those_in_line() noexcept;
    void establish(ConnectionAttempt& attempt, std::unique_ptr<Connection> connection) noexcept;
    // Unless it was rejected meanwhile.
    void announce_abort(ConnectedAttempt& attempt) noexcept;
    void call_turn_if_some_wait() noexcept;
    std::unique_ptr<LinuxConnection> connection_of(host::UniqueFd fd,
                                                   const Address& local,
                                                   const Address& remote) noexcept;
    void watch_held(ConnectedAttempt& attempt) noexcept;
    void client_left(ConnectedAttempt& attempt) noexcept;
    void carry_out(ConnectedAttempt& attempt) noexcept;
    // Ends the attempt's hold on the descriptor, by RST.
    void drop(ConnectedAttempt& attempt) noexcept;
    // Takes the attempt off the list; the caller keeps it alive.
    void forget(ConnectedAttempt& attempt) noexcept;
    void end() noexcept;

    ListeningSocket socket_;
    const GateReport report_;
    const Late late_ = Late::inspect;
    Admissions* const admissions_ = nullptr;
    GateTerms& terms_;
    const DescriptorShares::Member share_;
    host::LinuxProcessor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    const std::shared_ptr<VerdictBox> verdicts_;
    BoundTask<AcceptedGate, &AcceptedGate::take_turn> turn_{*this};
    BoundTask<AcceptedGate, &AcceptedGate::end> end_{*this};
    BoundTask<AcceptedGate, &AcceptedGate::accept_some> again_{*this};
    Shortage shortage_{again_};

    // Established, and not taken yet.
    std::atomic<std::size_t> untaken_ = 0;
    // Whether more may wait in the kernel than it will announce. Set on the processor.
    std::atomic<bool> more_waits_ = false;

    // What follows is used only on the processor.
    std::vector<std::shared_ptr<ConnectedAttempt>> attempts_;
    ClientShares shares_;               // of those that are held
    WaitingLine in_line_;               // others look, too
    std::size_t accepted_at_once_ = 0;  // of the attempts; they are about to be established
    bool is_paused_ = false;
    const host::LinuxClock clock_;
    VerdictBox::Verdicts taken_;
};

}  // namespace owsk::net
