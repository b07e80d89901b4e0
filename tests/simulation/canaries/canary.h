// SPDX-License-Identifier: MIT
// Canaries: what has to be found. A driver that is wrong is a file of canaries/drivers that says
// OWSK_CANARY; faults planted in the provider are listed in planted.cpp.
#pragma once

#include <openwsk/rules.h>

#include <string>
#include <vector>

#include "simulation/checkers/attempts.h"
#include "simulation/checkers/callbacks.h"
#include "simulation/checkers/irps.h"
#include "simulation/checkers/leaks.h"
#include "simulation/checkers/order.h"
#include "simulation/checkers/streams.h"

namespace owsk::scenarios {

class Run;

// Who may find a canary, by the first words of what a failure says.
std::string by_rule(Rule rule);
template <typename Checker>
std::string by_checker() {
    return "checker " + std::string(Checker::name) + ": ";
}
// A thread, a visitor or a call that does not come to its end.
inline constexpr const char* by_waiting = "it takes too long: ";
// An assertion of the provider itself.
inline constexpr const char* by_assertion = "internal error: ";
// The provider follows a pointer to nothing.
inline constexpr const char* by_crash = "the process died";
// Where one is linked; without it something else has to find the canary, or this.
inline constexpr const char* by_sanitizer = "sanitizer";

struct Canary {
    const char* name;
    const char* about;
    // One of these, so that it is found for the right reason: what else finds it fails the run.
    std::vector<std::string> finders;
    void (*play)(Run& run);
    // Of the provider; null for a wrong driver.
    const char* planted;
    // It is played in mode `hostile`, and must not be found in mode `mixed`: what the driver counts
    // on is more than WSK promises, but no less than it nearly always does.
    bool is_hostile = false;
};

std::vector<Canary> all_canaries();

struct CanaryEntry {
    explicit CanaryEntry(const Canary& canary);
};

// From now on this fault of the provider is active; null: none.
void plant(const char* fault) noexcept;

}  // namespace owsk::scenarios

#define OWSK_CANARY_IN(name, about, is_hostile, ...)                      \
    static void play_##name(::owsk::scenarios::Run& run);                 \
    static const ::owsk::scenarios::CanaryEntry entry_of_##name(          \
        {#name, about, {__VA_ARGS__}, play_##name, nullptr, is_hostile}); \
    static void play_##name(::owsk::scenarios::Run& run)
#define OWSK_CANARY(name, about, ...) OWSK_CANARY_IN(name, about, false, __VA_ARGS__)
// Found in mode `hostile` only.
#define OWSK_HOSTILE_CANARY(name, about, ...) OWSK_CANARY_IN(name, about, true, __VA_ARGS__)
