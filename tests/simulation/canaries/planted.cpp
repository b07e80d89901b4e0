// SPDX-License-Identifier: MIT
// Faults planted in the host and the provider: which scenario finds each, and by what.
#include "base/planted.h"

#include <cstring>

#include "simulation/canaries/canary.h"
#include "simulation/scenario.h"

#ifndef OWSK_PLANTED_FAULTS
#error "this is for the second build of two floors"
#endif

namespace owsk {

namespace {
const char* active = nullptr;
}

// One thread at a time runs, and nobody changes it meanwhile.
bool is_planted(const char* fault) noexcept {
    return active != nullptr && std::strcmp(fault, active) == 0;
}

}  // namespace owsk

namespace owsk::scenarios {

void plant(const char* fault) noexcept {
    active = fault;
}

namespace {

template <const char* const& name>
void play_scenario(Run& run) {
    find_scenario(name)->play(run);
}

constexpr const char* accept_storm = "accept_storm";
constexpr const char* cancel = "cancel";
constexpr const char* close_everything = "close_everything";
constexpr const char* conditional = "conditional";
constexpr const char* disable_callback = "disable_callback";
constexpr const char* half_close = "half_close";
constexpr const char* register_capture = "register_capture";
constexpr const char* retained_indications = "retained_indications";
constexpr const char* send_storm = "send_storm";

// Who has acted for a processor goes away, although there is work for its own thread,
const CanaryEntry tasks_left_in_place({"tasks_left_in_place",
                                       "a processor sleeps on although tasks are left for it",
                                       nullptr,
                                       play_scenario<conditional>,
                                       "tasks_left_in_place"});
const CanaryEntry timers_left_in_place({"timers_left_in_place",
                                        "a processor sleeps past a timer that was set in place",
                                        nullptr,
                                        play_scenario<conditional>,
                                        "timers_left_in_place"});
// or leaves the thread as one that is awake.
const CanaryEntry sleeper_forgotten({"sleeper_forgotten",
                                     "nobody wakes a processor after another thread has acted",
                                     nullptr,
                                     play_scenario<conditional>,
                                     "sleeper_forgotten"});
// Whoever gives the turn back does not see that somebody wants it.
const CanaryEntry turn_not_handed_on({"turn_not_handed_on",
                                      "a turn that was wanted meanwhile is not posted",
                                      nullptr,
                                      play_scenario<retained_indications>,
                                      "turn_not_handed_on"});
// Whoever comes for a turn while another has it goes away without a word.
const CanaryEntry turn_forgotten({"turn_forgotten",
                                  "a request that arrives while the driver calls is overlooked",
                                  nullptr,
                                  play_scenario<conditional>,
                                  "turn_forgotten"});
const CanaryEntry close_too_early({"close_too_early",
                                   "a socket closes before its requests have completed",
                                   nullptr,
                                   play_scenario<cancel>,
                                   "close_too_early"});
const CanaryEntry pending_not_returned(
    {"pending_not_returned",
     "a call returns the status of a request that completes later",
     "checker irps",
     play_scenario<accept_storm>,
     "pending_not_returned"});
const CanaryEntry completed_while_cancelled({"completed_while_cancelled",
                                             "a request completes although its cancel routine runs",
                                             nullptr,
                                             play_scenario<cancel>,
                                             "completed_while_cancelled"});
const CanaryEntry cancel_takes_bytes_back({"cancel_takes_bytes_back",
                                           "a cancelled receive does not tell of the bytes it has",
                                           "checker streams",
                                           play_scenario<cancel>,
                                           "cancel_takes_bytes_back"});
const CanaryEntry cancel_overlooked({"cancel_overlooked",
                                     "a request is queued that was cancelled just before",
                                     "a cancelled request does not complete",
                                     play_scenario<cancel>,
                                     "cancel_overlooked"});
const CanaryEntry disable_not_waited_for({"disable_not_waited_for",
                                          "an event counts as disabled while its callback runs",
                                          "checker callbacks",
                                          play_scenario<disable_callback>,
                                          "disable_not_waited_for"});
const CanaryEntry disconnects_not_cancelled({"disconnects_not_cancelled",
                                             "a close leaves a pending WskDisconnect alone",
                                             "a close does not complete",
                                             play_scenario<close_everything>,
                                             "disconnects_not_cancelled"});
const CanaryEntry resumption_forgotten(
    {"resumption_forgotten",
     "a WskReceive during WskReceiveEvent does not resume events",
     nullptr,
     play_scenario<retained_indications>,
     "resumption_forgotten"});
const CanaryEntry end_of_stream_forgotten({"end_of_stream_forgotten",
                                           "a FIN that came with the last bytes is not read",
                                           nullptr,
                                           play_scenario<half_close>,
                                           "end_of_stream_forgotten"});
const CanaryEntry bytes_miscounted({"bytes_miscounted",
                                    "the second part that is accepted counts from the beginning",
                                    "checker streams",
                                    play_scenario<retained_indications>,
                                    "bytes_miscounted"});
const CanaryEntry connection_dropped({"connection_dropped",
                                      "a connection is lost when its WskAccept is just cancelled",
                                      nullptr,
                                      play_scenario<cancel>,
                                      "connection_dropped"});
const CanaryEntry accept_overtakes({"accept_overtakes",
                                    "a WskAccept takes a connection although older ones wait",
                                    "checker order",
                                    play_scenario<accept_storm>,
                                    "accept_overtakes"});
const CanaryEntry completion_overtakes(
    {"completion_overtakes",
     "a call completes its own request before older completions that wait",
     "checker order",
     play_scenario<send_storm>,
     "completion_overtakes"});
const CanaryEntry verdict_after_abort({"verdict_after_abort",
                                       "a request that went away takes a verdict",
                                       "checker requests",
                                       play_scenario<conditional>,
                                       "verdict_after_abort"});
const CanaryEntry deregistered_too_early({"deregistered_too_early",
                                          "WskDeregister does not wait for captured NPIs",
                                          nullptr,
                                          play_scenario<register_capture>,
                                          "deregistered_too_early"});
const CanaryEntry late_capture_forgotten(
    {"late_capture_forgotten",
     "WskDeregister forgets a client that a capture has found meanwhile",
     nullptr,
     play_scenario<register_capture>,
     "late_capture_forgotten"});

}  // namespace
}  // namespace owsk::scenarios
