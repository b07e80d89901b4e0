// SPDX-License-Identifier: MIT
// FaultyListener: a listener whose attempts and connections have faults.
#pragma once

#include <openwsk/faults.h>

#include <map>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "net/faulty/faulty_attempt.h"
#include "net/network.h"

namespace owsk::net {

class FaultyListener final : public Listener,
                             private ListenerEvents,
                             private AttemptOwner,
                             private host::Task {
  public:
    FaultyListener(std::unique_ptr<Listener> inner, Faults& faults) noexcept
        : inner_(std::move(inner)), faults_(faults) {}

    const Address& local_address() const noexcept override { return inner_->local_address(); }
    const GateReport& gate() const noexcept override { return inner_->gate(); }
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    Result<std::unique_ptr<Connection>> accept() noexcept override OWSK_EXCLUDES(mu_);
    void connection_taken() noexcept override { inner_->connection_taken(); }
    void list_in_line(std::vector<HeldAttempt>& held, Instant now) override {
        inner_->list_in_line(held, now);
    }
    void allow_port_sharing(bool allow) noexcept override { inner_->allow_port_sharing(allow); }
    Result<std::uint32_t> get_option(SocketOption option) noexcept override {
        return inner_->get_option(option);
    }
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override {
        return inner_->set_option(option, value);
    }
    void close(host::Task& closed) noexcept override { inner_->close(closed); }

  private:
    void on_incoming() noexcept override { events_->on_incoming(); }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override
        OWSK_EXCLUDES(mu_);
    void on_established(ConnectionAttempt& attempt,
                        std::unique_ptr<Connection> connection) noexcept override
        OWSK_EXCLUDES(mu_);
    void on_aborted(ConnectionAttempt& attempt) noexcept override OWSK_EXCLUDES(mu_);
    void on_failed(NTSTATUS status) noexcept override { events_->on_failed(status); }
    void on_accepting_paused() noexcept override { events_->on_accepting_paused(); }
    void on_accepting_resumed() noexcept override { events_->on_accepting_resumed(); }

    void on_dropped(FaultyAttempt& attempt) noexcept override OWSK_EXCLUDES(mu_);
    void on_rejected(FaultyAttempt& attempt) noexcept override OWSK_EXCLUDES(mu_);

    // Unless it was rejected meanwhile.
    void announce_abort(FaultyAttempt& attempt) noexcept;

    // A connection that was not accepted for lack of a descriptor may be now.
    void run() noexcept override { events_->on_incoming(); }
    std::unique_ptr<Connection> with_faults(std::unique_ptr<Connection> connection);
    // Takes the attempt out of the table; null if it is gone.
    std::shared_ptr<FaultyAttempt> take(ConnectionAttempt& inner) noexcept OWSK_EXCLUDES(mu_);

    const std::unique_ptr<Listener> inner_;
    Faults& faults_;
    host::Processor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    // Never held while something else is called.
    Mutex mu_{Rank::attempt};
    std::unique_ptr<Connection> waiting_ OWSK_GUARDED_BY(mu_);
    std::map<ConnectionAttempt*, std::shared_ptr<FaultyAttempt>> attempts_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::net
