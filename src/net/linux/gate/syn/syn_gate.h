// SPDX-License-Identifier: MIT
// SynGate: the conditional listener of Windows's kind. A SYN is held before the handshake until the
// verdict: a rejected client is refused, a pended one keeps connecting. A connection that slipped
// past is inspected or reset by the accepted gate behind.
#pragma once

#include <memory>

#include "net/bound.h"
#include "net/linux/gate/accepted/accepted_gate.h"
#include "net/linux/gate/syn/syn_service.h"

namespace owsk::net {

class SynGate final : public Listener {
  public:
    // The socket is bound, and listens from now on. The service outlives the gate.
    static Result<std::unique_ptr<Listener>> open(ListeningSocket socket,
                                                  bool v6_only,
                                                  AcceptedGate::Late late,
                                                  SynService& service,
                                                  GateReport report,
                                                  GateTerms& terms) noexcept;
    ~SynGate() override;

    const Address& local_address() const noexcept override { return behind_.local_address(); }
    const GateReport& gate() const noexcept override { return report_; }
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    Result<std::unique_ptr<Connection>> accept() noexcept override { return STATUS_NOT_SUPPORTED; }
    void allow_port_sharing(bool allow) noexcept override { behind_.allow_port_sharing(allow); }
    Result<std::uint32_t> get_option(SocketOption option) noexcept override {
        return behind_.get_option(option);
    }
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override {
        return behind_.set_option(option, value);
    }
    void connection_taken() noexcept override { behind_.connection_taken(); }
    void list_in_line(std::vector<HeldAttempt>& held, Instant now) override {
        behind_.list_in_line(held, now);
    }
    void close(host::Task& closed) noexcept override;

  private:
    SynGate(ListeningSocket socket,
            AcceptedGate::Late late,
            SynService& service,
            std::shared_ptr<SynScreen> screen,
            ListenerTable::Place place,
            GateReport report,
            GateTerms& terms) noexcept;

    // The way of close(): the listener, then the rules, then past every queue, since each may be
    // in the middle of a SYN for us.
    void leave() noexcept;
    void remove_rules() noexcept;
    void pass_next_queue() noexcept;
    void end() noexcept;

    SynService& service_;
    const std::shared_ptr<SynScreen> screen_;
    ListenerTable::Place place_;
    const GateReport report_;
    AcceptedGate behind_;
    host::LinuxProcessor* processor_ = nullptr;
    host::Task* closed_ = nullptr;
    std::size_t queues_passed_ = 0;
    BoundTask<SynGate, &SynGate::leave> leave_{*this};
    BoundTask<SynGate, &SynGate::remove_rules> remove_rules_{*this};
    BoundTask<SynGate, &SynGate::pass_next_queue> pass_next_queue_{*this};
    BoundTask<SynGate, &SynGate::end> end_{*this};
};

}  // namespace owsk::net
