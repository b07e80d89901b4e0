// SPDX-License-Identifier: MIT
// ServerPlayer: one server of a scenario, and its connections, which all take the same steps.
#pragma once

#include <openwsk/simulation.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/connection_player.h"
#include "sim/player.h"
#include "sim/scenario.h"

namespace wskrun {

class ServerPlayer final : public Player {
  public:
    // `say` is told what happens, in a line. The plan outlives it.
    ServerPlayer(const ServerPlan& plan,
                 owsk::Simulation& simulation,
                 std::function<void(const std::string&)> say);

    // Begins to listen. Once.
    void start(owsk::Computer& computer);

    bool can_go_on() const override;
    void go_on() override;
    std::optional<Duration> deadline() const override;
    void give_up() override;
    void dismiss() override;
    // All connections that it expects have come, and none has a step left.
    bool is_over() const override;
    std::vector<Failure> take_failures() override;

    std::size_t connections() const noexcept { return connections_.size(); }
    // Of them.
    std::size_t did_everything() const noexcept;
    std::uint64_t bytes_sent() const noexcept;
    std::uint64_t bytes_received() const;

  private:
    bool expects_more() const noexcept;
    bool is_overdue() const;
    void accept(owsk::Client connection);
    void fail(const std::string& but);

    const ServerPlan& plan_;
    const std::string title_;
    owsk::Simulation& simulation_;
    const std::function<void(const std::string&)> say_;
    std::vector<owsk::Server> ports_;  // none before start(), and when it takes no more connections
    bool has_closed_ = false;
    Duration waits_since_{0};  // for the next connection
    std::vector<std::unique_ptr<ConnectionPlayer>> connections_;
    std::vector<Failure> failures_;
};

}  // namespace wskrun
