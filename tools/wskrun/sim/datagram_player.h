// SPDX-License-Identifier: MIT
// DatagramPlayer: one UDP port of a scenario, step by step.
#pragma once

#include <openwsk/simulation.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/player.h"
#include "sim/scenario.h"

namespace wskrun {

class DatagramPlayer final : public Player {
  public:
    // `name` is for people; `say` is told what happens, in a line. The plan outlives it.
    DatagramPlayer(const DatagramsPlan& plan,
                   const std::string& name,
                   owsk::Simulation& simulation,
                   std::function<void(const std::string&)> say);

    // Takes its port; what comes waits there for begin(). Each of them once.
    void open(owsk::Computer& computer);
    bool is_open() const noexcept { return port_.has_value(); }
    // Begins with the first step. Precondition: is_open().
    void begin();

    bool can_go_on() const override;
    void go_on() override;
    std::optional<Duration> deadline() const override;
    void give_up() override;
    void dismiss() override;
    // All steps are done, or one has failed.
    bool is_over() const override { return over_; }
    std::vector<Failure> take_failures() override;

    bool has_done_everything() const noexcept { return over_ && !dismissed_ && !failed_; }
    std::uint64_t sent() const noexcept { return sent_; }
    std::uint64_t received() const;

  private:
    const DatagramStep& step() const { return plan_.steps[at_]; }
    bool is_echoing() const noexcept;
    bool has_unread() const;
    bool time_is_up() const;
    Duration next_send() const;

    void begin_step();
    // Whether the step is done.
    bool do_step();
    bool send_what_is_due();
    bool take_what_came();
    bool is_as_expected(const owsk::DatagramPeer::Datagram& datagram) const;
    void send_back(const owsk::DatagramPeer::Datagram& datagram, const std::string& data);
    void echo();
    void fail(const std::string& but);
    std::string expected() const;

    const DatagramsPlan& plan_;
    const std::string title_;
    owsk::Simulation& simulation_;
    const std::function<void(const std::string&)> say_;
    std::optional<owsk::DatagramPeer> port_;
    bool begun_ = false;
    bool over_ = false;
    bool dismissed_ = false;
    bool failed_ = false;

    std::size_t at_ = 0;  // the step
    Duration step_began_{0};
    unsigned done_ = 0;         // datagrams of the step
    std::size_t consumed_ = 0;  // of what was received
    std::size_t seen_ = 0;      // of what was received, when the step began
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;  // up to the end of the port
    std::vector<Failure> failures_;
};

}  // namespace wskrun
