// SPDX-License-Identifier: MIT
// ConnectionPlayer: one end of a TCP connection of a scenario, step by step.
#pragma once

#include <openwsk/simulation.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/player.h"
#include "sim/scenario.h"

namespace wskrun {

class ConnectionPlayer final : public Player {
  public:
    // `title` is for people, "client denied"; `say` is told what happens, in a line. The steps
    // outlive it.
    ConnectionPlayer(const std::vector<Step>& steps,
                     std::string title,
                     owsk::Simulation& simulation,
                     std::function<void(const std::string&)> say);

    // Takes part in this connection, from the first step on. Once.
    void start(owsk::Client connection);

    bool can_go_on() const override;
    void go_on() override;
    std::optional<Duration> deadline() const override;
    void give_up() override;
    void dismiss() override;
    // All steps are done, or one has failed.
    bool is_over() const override { return over_; }
    std::vector<Failure> take_failures() override;

    bool has_done_everything() const noexcept { return over_ && !dismissed_ && !failed_; }
    bool has_connected() const noexcept { return connected_; }
    std::uint64_t bytes_sent() const noexcept { return sent_; }
    std::uint64_t bytes_received() const;

  private:
    enum class Outlook : std::uint8_t { waits, done, fails };

    const Step& step() const { return steps_[at_]; }
    Outlook outlook() const;
    Outlook outlook_of_bytes() const;
    Outlook outlook_of_line() const;
    Outlook outlook_of_state() const;
    Outlook outlook_of_nothing() const;
    bool time_is_up() const;
    // Nothing more can arrive.
    bool has_ended() const;
    std::string_view unread() const;

    void begin_step();
    void do_step();
    void watch_state();
    void fail(const std::string& but);
    std::string expected() const;
    std::string what_came() const;

    const std::vector<Step>& steps_;
    const std::string title_;
    owsk::Simulation& simulation_;
    const std::function<void(const std::string&)> say_;
    owsk::Client connection_;
    bool started_ = false;
    bool over_ = false;
    bool dismissed_ = false;
    bool failed_ = false;
    bool connected_ = false;
    owsk::ClientState state_ = owsk::ClientState::connecting;  // as it was seen last
    bool peer_finished_ = false;

    std::size_t at_ = 0;  // the step
    Duration step_began_{0};
    std::string wanted_;               // the bytes that the step expects
    mutable std::size_t matched_ = 0;  // of them
    std::size_t consumed_ = 0;         // of what was received, by steps that are done
    std::size_t seen_ = 0;             // of what was received, when the step began
    std::uint64_t sent_ = 0;
    std::vector<Failure> failures_;
};

}  // namespace wskrun
