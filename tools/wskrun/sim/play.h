// SPDX-License-Identifier: MIT
// Play: everything of a scenario that happens once the drivers have started; times count from then.
#pragma once

#include <openwsk/simulation.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/agenda.h"
#include "sim/connection_player.h"
#include "sim/datagram_player.h"
#include "sim/link_state.h"
#include "sim/player.h"
#include "sim/scenario.h"
#include "sim/server_player.h"
#include "sim/stage.h"

namespace wskrun {

class Play {
  public:
    // The two questions are asked on any thread of the simulation, and only look.
    struct Director {
        std::function<void(const std::string&)>
            tell;  // what happens to clients and others, in a line
        std::function<void(const std::string&)> complain;  // why the run has failed
        std::function<bool()> wants_to_stop;
        std::function<bool()> wants_to_talk;
        std::function<void()> talk;
        // Clients that are wanted only now; both may be missing. The first one only looks.
        std::function<bool()> has_new_clients = {};
        std::function<std::vector<ClientPlan>()> new_clients = {};
    };

    Play(owsk::Simulation& simulation, Stage& stage, const Scenario& scenario, Director director);

    // Those ports are opened that are there before the drivers start. Before run().
    void prepare();
    // Until everything is done, the time is over, something has failed or the director wants to
    // stop.
    void run();
    // After a failure: everybody goes, as processes that end, so that nobody waits for them.
    void dismiss_all();
    // Tells of what has happened to them since.
    void look_once_more();

    // Somebody did not get what it expected; it was said.
    bool has_failed() const noexcept { return failed_; }
    // "clients: 3 of 3 connected, ...", or why there were none; and the same of the others.
    std::vector<std::string> lines() const;

  private:
    void plan_links();
    void plan_names();
    void add_clients(const ClientPlan& plan);
    void prepare_servers();
    void prepare_datagrams();
    void plan_servers();
    void plan_datagrams();
    // What it cannot do, such as using a port that another has, is a failure of that line.
    void attempt(unsigned line, const std::function<void()>& action);
    void add_new_clients();
    bool waits_for_a_listener() const;
    std::string why_no_clients() const;
    std::string client_line() const;
    std::string server_line() const;
    std::string datagram_line() const;
    void add_scripts();
    bool is_done() const;
    bool can_go_on() const;
    void go_on();
    void check_scripts();
    void check(Player& player);
    void end_expectations();
    void fail(unsigned line, const std::string& what);
    // How long nothing is to be done here.
    Duration limit() const;

    owsk::Simulation& simulation_;
    Stage& stage_;
    const Scenario& scenario_;
    const Director director_;
    LinkState links_;
    Agenda agenda_;
    Duration start_{0};
    Duration end_{0};
    std::deque<ClientPlan> new_plans_;
    std::vector<std::unique_ptr<ConnectionPlayer>> clients_;
    std::vector<std::unique_ptr<ServerPlayer>> servers_;
    std::vector<std::unique_ptr<DatagramPlayer>> datagrams_;
    std::vector<Player*> players_;  // all of them
    std::vector<const owsk::Script*> scripts_;
    bool has_run_ = false;
    bool failed_ = false;
};

}  // namespace wskrun
