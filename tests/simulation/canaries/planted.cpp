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
constexpr const char* connecting = "connecting";
constexpr const char* datagrams = "datagrams";
constexpr const char* streams = "streams";
constexpr const char* detach = "detach";
constexpr const char* disable_callback = "disable_callback";
constexpr const char* half_close = "half_close";
constexpr const char* register_capture = "register_capture";
constexpr const char* resolving = "resolving";
constexpr const char* retained_indications = "retained_indications";
constexpr const char* send_storm = "send_storm";

// Who has acted for a processor goes away, although there is work for its own thread,
const CanaryEntry tasks_left_in_place(
    {"tasks_left_in_place",
     "a processor sleeps on although tasks are left for it",
     {"a close does not complete", by_waiting, by_checker<AttemptChecker>()},
     play_scenario<conditional>,
     "tasks_left_in_place"});
const CanaryEntry timers_left_in_place({"timers_left_in_place",
                                        "a processor sleeps past a timer that was set in place",
                                        {"visitor ", by_waiting, by_checker<AttemptChecker>()},
                                        play_scenario<conditional>,
                                        "timers_left_in_place"});
// or leaves the thread as one that is awake.
const CanaryEntry sleeper_forgotten(
    {"sleeper_forgotten",
     "nobody wakes a processor after another thread has acted",
     {by_checker<AttemptChecker>(), "a close does not complete", by_waiting},
     play_scenario<conditional>,
     "sleeper_forgotten"});
// Whoever gives the turn back does not see that somebody wants it.
const CanaryEntry turn_not_handed_on({"turn_not_handed_on",
                                      "a turn that was wanted meanwhile is not posted",
                                      {by_waiting},
                                      play_scenario<retained_indications>,
                                      "turn_not_handed_on"});
// Whoever comes for a turn while another has it goes away without a word.
const CanaryEntry turn_forgotten({"turn_forgotten",
                                  "an attempt that arrives while the driver calls is overlooked",
                                  {by_checker<AttemptChecker>(), "visitor "},
                                  play_scenario<conditional>,
                                  "turn_forgotten"});
const CanaryEntry close_too_early({"close_too_early",
                                   "a socket closes before its requests have completed",
                                   {by_checker<CallbackChecker>()},
                                   play_scenario<cancel>,
                                   "close_too_early"});
const CanaryEntry pending_not_returned(
    {"pending_not_returned",
     "a call returns the status of a request that completes later",
     {by_checker<IrpChecker>()},
     play_scenario<accept_storm>,
     "pending_not_returned"});
const CanaryEntry completed_while_cancelled(
    {"completed_while_cancelled",
     "a request completes although its cancel routine runs",
     {by_crash, by_rule(Rule::irp_completed_twice), by_sanitizer},
     play_scenario<cancel>,
     "completed_while_cancelled"});
const CanaryEntry cancel_takes_bytes_back({"cancel_takes_bytes_back",
                                           "a cancelled receive does not tell of the bytes it has",
                                           {by_checker<StreamChecker>()},
                                           play_scenario<cancel>,
                                           "cancel_takes_bytes_back"});
const CanaryEntry cancel_overlooked({"cancel_overlooked",
                                     "a request is queued that was cancelled just before",
                                     {"a cancelled request does not complete"},
                                     play_scenario<cancel>,
                                     "cancel_overlooked"});
const CanaryEntry disable_not_waited_for({"disable_not_waited_for",
                                          "an event counts as disabled while its callback runs",
                                          {by_checker<CallbackChecker>()},
                                          play_scenario<disable_callback>,
                                          "disable_not_waited_for"});
const CanaryEntry disconnects_not_cancelled({"disconnects_not_cancelled",
                                             "a close leaves a pending WskDisconnect alone",
                                             {"a close does not complete"},
                                             play_scenario<close_everything>,
                                             "disconnects_not_cancelled"});
const CanaryEntry connects_not_cancelled({"connects_not_cancelled",
                                          "a close leaves a pending WskConnect alone",
                                          {"a close does not complete", by_waiting},
                                          play_scenario<connecting>,
                                          "connects_not_cancelled"});
const CanaryEntry refusal_forgotten({"refusal_forgotten",
                                     "a WskConnect does not complete when it is refused",
                                     {by_waiting},
                                     play_scenario<connecting>,
                                     "refusal_forgotten"});
const CanaryEntry stream_accepts_not_cancelled(
    {"stream_accepts_not_cancelled",
     "a close leaves a pending WskAccept of a stream socket alone",
     {"a close does not complete", by_waiting},
     play_scenario<streams>,
     "stream_accepts_not_cancelled"});
const CanaryEntry refusal_commits({"refusal_commits",
                                   "a stream socket that was refused cannot listen",
                                   {"WskListen on port"},
                                   play_scenario<streams>,
                                   "refusal_commits"});
const CanaryEntry first_bytes_forgotten({"first_bytes_forgotten",
                                         "WskConnectEx completes without its bytes",
                                         {by_waiting},
                                         play_scenario<connecting>,
                                         "first_bytes_forgotten"});
const CanaryEntry lookup_not_cancelled({"lookup_not_cancelled",
                                        "a lookup that is cancelled never completes",
                                        {by_waiting},
                                        play_scenario<resolving>,
                                        "lookup_not_cancelled"});
const CanaryEntry lookup_not_counted({"lookup_not_counted",
                                      "WskDeregister does not wait for a lookup",
                                      {"WskDeregister returned with"},
                                      play_scenario<resolving>,
                                      "lookup_not_counted"});
const CanaryEntry refused_datagram_lost({"refused_datagram_lost",
                                         "a datagram that WskReceiveFromEvent refuses is lost",
                                         {by_waiting},
                                         play_scenario<datagrams>,
                                         "refused_datagram_lost"});
const CanaryEntry kinds_mixed({"kinds_mixed",
                               "a list has datagrams to one and to many under the same flags",
                               {"the flags of WskReceiveFromEvent"},
                               play_scenario<datagrams>,
                               "kinds_mixed"});
const CanaryEntry fixed_remote_forgotten({"fixed_remote_forgotten",
                                          "strangers are heard in spite of a remote address",
                                          {"a datagram of a stranger"},
                                          play_scenario<datagrams>,
                                          "fixed_remote_forgotten"});
const CanaryEntry truncation_not_told({"truncation_not_told",
                                       "WskReceiveFrom cuts a datagram and does not say so",
                                       {"MSG_TRUNC"},
                                       play_scenario<datagrams>,
                                       "truncation_not_told"});
const CanaryEntry resumption_forgotten(
    {"resumption_forgotten",
     "a WskReceive during WskReceiveEvent does not resume events",
     {by_waiting},
     play_scenario<retained_indications>,
     "resumption_forgotten"});
const CanaryEntry end_of_stream_forgotten({"end_of_stream_forgotten",
                                           "a FIN that came with the last bytes is not read",
                                           {by_waiting},
                                           play_scenario<half_close>,
                                           "end_of_stream_forgotten"});
const CanaryEntry bytes_miscounted({"bytes_miscounted",
                                    "the second part that is accepted counts from the beginning",
                                    {by_checker<StreamChecker>()},
                                    play_scenario<retained_indications>,
                                    "bytes_miscounted"});
const CanaryEntry connection_dropped({"connection_dropped",
                                      "a connection is lost when its WskAccept is just cancelled",
                                      {"visitor "},
                                      play_scenario<cancel>,
                                      "connection_dropped"});
const CanaryEntry accept_overtakes({"accept_overtakes",
                                    "a WskAccept takes a connection although older ones wait",
                                    {by_checker<OrderChecker>()},
                                    play_scenario<accept_storm>,
                                    "accept_overtakes"});
const CanaryEntry completion_overtakes(
    {"completion_overtakes",
     "a call completes its own request before older completions that wait",
     {by_checker<OrderChecker>()},
     play_scenario<send_storm>,
     "completion_overtakes"});
const CanaryEntry verdict_after_abort({"verdict_after_abort",
                                       "an attempt that went away takes a verdict",
                                       {by_checker<AttemptChecker>()},
                                       play_scenario<conditional>,
                                       "verdict_after_abort"});
const CanaryEntry deregistered_too_early(
    {"deregistered_too_early",
     "WskDeregister does not wait for captured NPIs",
     {"WskDeregister returned",
      "WskCaptureProviderNPI succeeded after WskDeregister had returned",
      by_rule(Rule::client_used_after_detach),
      by_rule(Rule::client_not_recognized)},
     play_scenario<register_capture>,
     "deregistered_too_early"});
const CanaryEntry late_capture_forgotten(
    {"late_capture_forgotten",
     "WskDeregister forgets a client that a capture has found meanwhile",
     {by_assertion},
     play_scenario<register_capture>,
     "late_capture_forgotten"});
const CanaryEntry sockets_not_waited_for(
    {"sockets_not_waited_for",
     "WSK detaches from a client that has open sockets",
     {"ClientCleanupBindingContext is called with", by_crash, by_assertion, by_sanitizer},
     play_scenario<detach>,
     "sockets_not_waited_for"});
const CanaryEntry return_forgotten({"return_forgotten",
                                    "WSK does not come back after it has detached",
                                    {by_waiting},
                                    play_scenario<detach>,
                                    "return_forgotten"});

}  // namespace
}  // namespace owsk::scenarios
