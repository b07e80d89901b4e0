// SPDX-License-Identifier: MIT
// ClientPlayer: one client of a scenario, step by step.
#pragma once

#include <openwsk/simulation.h>

#include <functional>
#include <optional>
#include <string>

#include "sim/scenario.h"

namespace wskrun {

class ClientPlayer {
  public:
    // `say` is told what happens to the client, in a line. The plan outlives it.
    ClientPlayer(const ClientPlan& plan,
                 std::string name,
                 owsk::Simulation& simulation,
                 std::function<void(const std::string&)> say);

    // Begins to connect.
    void start(owsk::Computer& computer);

    // Whether go_on() would do anything now. Only looks.
    bool can_go_on() const;
    // Takes all steps that can be taken now.
    void go_on();
    // When it can go on although nothing has happened.
    std::optional<Duration> deadline() const;
    // The run is over: what is still expected has not come.
    void give_up();
    // Ends the connection as a process that ends; no further step is taken.
    void dismiss();

    const std::string& name() const noexcept { return name_; }
    bool has_started() const noexcept { return started_; }
    // All steps are done, or one has failed.
    bool is_over() const noexcept { return over_; }
    bool has_done_everything() const noexcept { return over_ && !dismissed_ && failure_.empty(); }
    bool has_connected() const noexcept { return connected_; }
    // What was expected and what came, in a sentence; empty: it has not failed.
    const std::string& failure() const noexcept { return failure_; }
    // The line of the scenario with the step that failed.
    unsigned failed_line() const noexcept { return step().line; }
    std::uint64_t bytes_sent() const noexcept { return sent_; }
    std::uint64_t bytes_received() const;

  private:
    enum class Outlook : std::uint8_t { waits, done, fails };

    const Step& step() const { return plan_.steps[at_]; }
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
    std::string expected() const;
    std::string what_came() const;

    const ClientPlan& plan_;
    const std::string name_;
    owsk::Simulation& simulation_;
    const std::function<void(const std::string&)> say_;
    owsk::Client client_;
    bool started_ = false;
    bool over_ = false;
    bool dismissed_ = false;
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
    std::string failure_;
};

}  // namespace wskrun
