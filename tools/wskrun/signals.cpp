// SPDX-License-Identifier: MIT
// Waits for signals, and counts those that stop the run.
#include "signals.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace wskrun {

namespace {

sigset_t taken_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
        sigaddset(&set, number);
    }
    return set;
}

const char* signal_name(int number) {
    switch (number) {
        case SIGINT:
            return "Ctrl-C";
        case SIGTERM:
            return "SIGTERM";
        default:
            return "SIGHUP";
    }
}

}  // namespace

Signals::Signals(const Progress& progress, Actions actions)
    : progress_(progress), actions_(std::move(actions)) {
    const sigset_t set = taken_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::thread([this] { take_signals(); });
}

Signals::~Signals() {
    {
        const std::lock_guard guard(mutex_);
        ending_ = true;
    }
    // The thread waits for signals, so a signal wakes it.
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
}

bool Signals::requested() const {
    const std::lock_guard guard(mutex_);
    return count_ > 0;
}

void Signals::wait(std::optional<std::chrono::duration<double>> time) {
    std::unique_lock lock(mutex_);
    const auto stop = [this] { return count_ > 0; };
    if (time) {
        changed_.wait_for(lock, *time, stop);
    } else {
        changed_.wait(lock, stop);
    }
}

void Signals::end_has_begun() {
    const std::lock_guard guard(mutex_);
    count_ = std::max(count_, 1);
}

void Signals::take_signals() {
    const sigset_t set = taken_signals();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0) {
            continue;
        }
        {
            const std::lock_guard guard(mutex_);
            if (ending_) {
                return;
            }
        }
        if (number == SIGUSR1) {
            actions_.report();
        } else {
            stop(number);
        }
    }
}

void Signals::stop(int number) {
    int count = 0;
    {
        const std::lock_guard guard(mutex_);
        count = ++count_;
    }
    const std::string waiting_for = progress_.waiting_for();
    if (count == 1) {
        const std::string after = waiting_for.empty() ? "" : " after waiting for " + waiting_for;
        std::fprintf(stderr, "wskrun: %s: unloading%s\n", signal_name(number), after.c_str());
        changed_.notify_all();
        return;
    }
    if (count == 2) {
        std::fprintf(
            stderr,
            "wskrun: %s: still waiting for %s; once more to end at once, without unloading\n",
            signal_name(number),
            waiting_for.empty() ? "the machine to stop" : waiting_for.c_str());
        const std::string stuck = actions_.stuck_threads();
        if (!stuck.empty()) {
            std::fprintf(stderr, "wskrun: %s\n", stuck.c_str());
        }
        return;
    }
    std::fprintf(stderr,
                 "wskrun: %s: ended at once while waiting for %s; leaks were not checked\n",
                 signal_name(number),
                 waiting_for.empty() ? "the machine to stop" : waiting_for.c_str());
    actions_.end_at_once();
}

}  // namespace wskrun
