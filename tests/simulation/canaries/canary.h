// SPDX-License-Identifier: MIT
// Canaries: what has to be found. A driver that is wrong is a file of canaries/drivers that says
// OWSK_CANARY; faults planted in the provider are listed in planted.cpp.
#pragma once

#include <vector>

namespace owsk::scenarios {

class Run;

struct Canary {
    const char* name;
    const char* about;
    // What the failure says, so that it is found for the right reason. Null: the process may die in
    // any way.
    const char* expected;
    void (*play)(Run& run);
    // Of the provider; null for a wrong driver.
    const char* planted;
};

std::vector<Canary> all_canaries();

struct CanaryEntry {
    explicit CanaryEntry(const Canary& canary);
};

// From now on this fault of the provider is active; null: none.
void plant(const char* fault) noexcept;

}  // namespace owsk::scenarios

#define OWSK_CANARY(name, about, expected)                       \
    static void play_##name(::owsk::scenarios::Run& run);        \
    static const ::owsk::scenarios::CanaryEntry entry_of_##name( \
        {#name, about, expected, play_##name, nullptr});         \
    static void play_##name(::owsk::scenarios::Run& run)
