// SPDX-License-Identifier: MIT
// Summary: counts what a machine does.
#pragma once

#include <openwsk/gate_mode.h>
#include <openwsk/observer.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace owsk::trace {

class Summary final : public Observer {
  public:
    // One line: "summary: 3 connections accepted, ...".
    std::string line() const;
    // The same while the machine runs: "so far: ...". Bytes count once their connection is closed.
    std::string line_so_far() const;
    // One line on what became of the attempts that were held for a verdict, with the counters of
    // the machine's gates; empty if there was no conditional listener.
    std::string gate_line(const GateCounters& gates) const;

    std::uint64_t inspected() const noexcept { return inspected_; }
    std::uint64_t pended() const noexcept { return pended_; }
    // Attempts; a connection is accepted after its attempt.
    std::uint64_t admitted() const noexcept { return admitted_; }
    std::uint64_t accepted() const noexcept { return accepted_; }
    // By the driver.
    std::uint64_t made() const noexcept { return made_; }
    std::uint64_t rejected() const noexcept { return rejected_; }
    std::uint64_t aborted() const noexcept { return aborted_; }
    std::uint64_t declined() const noexcept { return declined_; }
    std::uint64_t bytes_received() const noexcept { return bytes_received_; }
    std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
    std::uint64_t leaks() const noexcept { return leaks_; }

    void listener_bound(const probe::ListenerBound& record) noexcept override;
    void attempt_judged(const probe::AttemptJudged& record) noexcept override;
    void attempt_aborted(const probe::AttemptAborted& record) noexcept override;
    void connection_accepted(const probe::ConnectionAccepted& record) noexcept override;
    void connection_made(const probe::ConnectionMade& record) noexcept override;
    void connection_declined(const probe::ConnectionDeclined& record) noexcept override;
    void connection_closed(const probe::ConnectionClosed& record) noexcept override;
    void leak(const probe::Leak& record) noexcept override;

  private:
    std::string counts() const;

    std::atomic<bool> has_conditional_listener_ = false;
    std::atomic<std::uint64_t> inspected_ = 0;
    std::atomic<std::uint64_t> pended_ = 0;
    std::atomic<std::uint64_t> admitted_ = 0;
    std::atomic<std::uint64_t> accepted_ = 0;
    std::atomic<std::uint64_t> made_ = 0;
    std::atomic<std::uint64_t> rejected_ = 0;
    std::atomic<std::uint64_t> aborted_ = 0;
    std::atomic<std::uint64_t> declined_ = 0;
    std::atomic<std::uint64_t> bytes_received_ = 0;
    std::atomic<std::uint64_t> bytes_sent_ = 0;
    std::atomic<std::uint64_t> leaks_ = 0;
};

}  // namespace owsk::trace
