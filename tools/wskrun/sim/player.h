// SPDX-License-Identifier: MIT
// Player: whoever has steps in a scenario, as the play sees it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/units.h"

namespace wskrun {

// What was expected and did not come.
struct Failure {
    unsigned line = 0;  // of the scenario; 0: of no file
    std::string what = {};
};

class Player {
  public:
    virtual ~Player() = default;
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    // Whether go_on() would do anything now. Only looks.
    virtual bool can_go_on() const = 0;
    // Takes all steps that can be taken now.
    virtual void go_on() = 0;
    // When it can go on although nothing has happened.
    virtual std::optional<Duration> deadline() const = 0;
    // The run is over: what is still expected has not come.
    virtual void give_up() = 0;
    // Ends as a process does; no further step is taken.
    virtual void dismiss() = 0;
    // The run need not wait for it.
    virtual bool is_over() const = 0;
    // Those since the last time.
    virtual std::vector<Failure> take_failures() = 0;

  protected:
    Player() = default;
};

}  // namespace wskrun
