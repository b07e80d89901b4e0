// SPDX-License-Identifier: MIT
// The words for a difference of two runs.
#include "host/sim/choice_log.h"

#include <algorithm>
#include <cstdio>

namespace owsk::host {

namespace {

std::string text_of(const std::vector<Choice>& run, std::size_t step) {
    if (step >= run.size()) {
        return "nothing, it is over";
    }
    const Choice& choice = run[step];
    char text[128];
    const double seconds = std::chrono::duration<double>(choice.time.time_since_epoch()).count();
    switch (choice.kind) {
        case Choice::Kind::point:
            std::snprintf(text,
                          sizeof text,
                          "thread %u at point %s at %.9f s",
                          choice.player,
                          point_name(choice.point),
                          seconds);
            break;
        case Choice::Kind::turn:
            std::snprintf(
                text, sizeof text, "the turn of thread %u at %.9f s", choice.player, seconds);
            break;
        case Choice::Kind::event:
            std::snprintf(
                text, sizeof text, "an event on thread %u at %.9f s", choice.player, seconds);
            break;
    }
    return text;
}

}  // namespace

const char* point_name(Point point) noexcept {
    switch (point) {
        case Point::lock:
            return "lock";
        case Point::spin_lock:
            return "spin_lock";
        case Point::wait:
            return "wait";
        case Point::call:
            return "call";
        case Point::complete:
            return "complete";
        case Point::cancel:
            return "cancel";
        case Point::call_back:
            return "call_back";
        case Point::queue_work:
            return "queue_work";
        case Point::memory:
            return "memory";
        case Point::clock:
            return "clock";
    }
    return "?";
}

std::string first_difference(const std::vector<Choice>& one, const std::vector<Choice>& other) {
    const auto [at, there] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    if (at == one.end() && there == other.end()) {
        return "";
    }
    const auto step = static_cast<std::size_t>(at - one.begin());
    return "step " + std::to_string(step) + ": " + text_of(one, step) + "; in the other run " +
           text_of(other, step);
}

}  // namespace owsk::host
