// SPDX-License-Identifier: MIT
// Scenarios by name. Each is a file of tests/simulation/scenarios that says OWSK_SCENARIO:
//
//     OWSK_SCENARIO(accept_storm, "many clients at once, taken by requests and by events") {
//         Server& server = run.add_server();
//         ...
//         run.finish();
//     }
#pragma once

#include <string_view>
#include <vector>

namespace owsk::scenarios {

class Run;

struct Scenario {
    const char* name;
    const char* about;
    void (*play)(Run& run);
};

// Sorted by name, whatever the order of linking.
std::vector<Scenario> all_scenarios();
// Null if there is none.
const Scenario* find_scenario(std::string_view name);

struct ScenarioEntry {
    explicit ScenarioEntry(const Scenario& scenario);
};

}  // namespace owsk::scenarios

#define OWSK_SCENARIO(name, about)                                                              \
    static void play_##name(::owsk::scenarios::Run& run);                                       \
    static const ::owsk::scenarios::ScenarioEntry entry_of_##name({#name, about, play_##name}); \
    static void play_##name([[maybe_unused]] ::owsk::scenarios::Run& run)
