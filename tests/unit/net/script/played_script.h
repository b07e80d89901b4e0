// SPDX-License-Identifier: MIT
// A computer that plays a script, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/script/read_script.h"
#include "net/script/scripted_peer.h"
#include "net/sim/computer.h"

namespace owsk::net::script {

inline PeerScript read_good_script(const std::string& text) {
    ReadScript read = read_script(text);
    EXPECT_EQ(to_string(read.errors), "");
    return read.script;
}

class PlayedScript {
  public:
    PlayedScript(Internet& internet, const std::vector<Address>& addresses, const std::string& text)
        : PlayedScript(internet, addresses, read_good_script(text)) {}
    PlayedScript(Internet& internet, const std::vector<Address>& addresses, PeerScript script)
        : computer(internet, "played", addresses),
          peer(computer, std::move(script), internet.split_random()) {}

    Computer computer;
    ScriptedPeer peer;
};

}  // namespace owsk::net::script
