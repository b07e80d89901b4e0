// SPDX-License-Identifier: MIT
// ScriptedPeer: makes a computer do what a script says, and nothing else. Steps go on when their
// packets or their times come, in events of the simulated network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "host/host.h"
#include "net/script/script.h"
#include "net/script/talk_state.h"
#include "net/sim/computer.h"

namespace owsk::net::script {

enum class Progress : std::uint8_t { running, passed, failed };

class ScriptedPeer final : private PacketHandler, private host::Timer {
  public:
    // The computer is bare from now on, and outlives the peer. `random` is for initial sequence
    // numbers.
    ScriptedPeer(Computer& computer, PeerScript script, Prng random);
    ~ScriptedPeer();
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;

    // Begins with the first step, which may send at once. Once. What has come before counts.
    void start();

    // A computer whose script has ended is silent.
    Progress progress() const noexcept { return progress_; }
    // Which step, why, what came instead, and the packets so far. Empty if it has not failed.
    const std::string& failure() const noexcept { return failure_; }
    // The step that it is at, and the packets so far: for scripts that did not come to an end.
    std::string report() const;

    // Called once, when the script has passed or failed: in start() or in an event.
    void when_ended(std::function<void()> ended) { ended_ = std::move(ended); }

  private:
    enum class Next : std::uint8_t { go_on, wait };

    struct LogEntry {
        Instant time;
        std::optional<std::size_t> talk;  // none: it belongs to none
        bool is_ours;
        Packet packet;
    };

    void on_packet(const Packet& packet) noexcept override;
    void expire() noexcept override;

    // Goes on as far as it can now.
    void advance();
    void begin_step();
    Next perform(const step::Send& send);
    Next perform(const step::SendAgain& again);
    Next perform(const step::Expect& expect);
    Next perform(const step::ExpectNothing& nothing);
    Next perform(const step::Wait& wait);
    Next perform(const step::Discard& discard);
    Next perform(const step::Let& let);

    std::string misfit_of(const step::Expect& expect, const Arrival& arrival) const;
    // Sets the timer. True if that time has come.
    bool is_over(Duration after_begin);
    void stop_timer() noexcept;
    // What has come and was not expected, as text; empty if there is none.
    std::string first_unexpected() const;
    TalkState& talk() { return talks_[*step().talk]; }
    const Step& step() const { return script_.steps()[next_step_]; }
    void send(std::size_t talk, const Packet& packet);
    void log(std::optional<std::size_t> talk, bool is_ours, const Packet& packet);
    void fail(const std::string& reason);
    void end(Progress progress);
    std::string step_text() const;
    std::string text_of(const LogEntry& entry) const;
    std::string log_text() const;

    Computer& computer_;
    const PeerScript script_;
    std::vector<TalkState> talks_;
    Words words_;
    std::deque<Arrival> strays_;  // belong to no talk
    std::size_t next_step_ = 0;
    bool has_begun_ = false;  // the step
    Instant started_at_{};
    Instant step_began_{};
    bool is_timer_set_ = false;
    Progress progress_ = Progress::running;
    bool is_started_ = false;
    std::string failure_;
    std::function<void()> ended_;
    std::deque<LogEntry> log_;
    std::size_t forgotten_entries_ = 0;
};

}  // namespace owsk::net::script
