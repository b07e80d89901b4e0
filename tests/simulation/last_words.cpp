// SPDX-License-Identifier: MIT
// The line is kept where a signal handler may read it.
#include "simulation/last_words.h"

#include <unistd.h>

#include <csignal>
#include <cstring>
#include <mutex>

// Only where a sanitizer is linked.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace owsk::scenarios {

namespace {

char words[1024];

void say_them() {
    const auto ignored = write(STDERR_FILENO, words, std::strlen(words));
    static_cast<void>(ignored);
}

void on_signal(int number) {
    say_them();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void install() {
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(say_them);
        std::signal(SIGABRT, on_signal);
        return;
    }
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        std::signal(number, on_signal);
    }
}

}  // namespace

void set_last_words(const std::string& line) {
    static std::once_flag once;
    std::call_once(once, install);
    const std::string text = line.empty() ? "" : line + '\n';
    words[text.copy(words, sizeof words - 1)] = '\0';
}

}  // namespace owsk::scenarios
