// SPDX-License-Identifier: MIT
// hard_counting_run [--gate NAME] [--set DRIVER.NAME=NUMBER] DRIVER.sys.so: as wskrun with the SYN
// gate, and at the end it says what the gate has counted, in words that only these tests read.
#include <openwsk/machine.h>
#include <openwsk/summary.h>
#include <openwsk/text_trace.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace {

constexpr int exit_failed = 1;
constexpr int exit_leak = 4;

// Blocked before there are threads, so that only sigwait() sees them.
sigset_t block_stop_signals() {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, nullptr);
    return stop;
}

void set(owsk::Machine& machine, const std::string& text) {
    const std::size_t dot = text.find('.');
    const std::size_t equals = text.find('=');
    machine.set_parameter(text.substr(0, dot),
                          text.substr(dot + 1, equals - dot - 1),
                          static_cast<std::uint32_t>(std::stoul(text.substr(equals + 1))));
}

void say_counters(const owsk::Machine& machine) {
    const owsk::GateCounters counters = machine.gate_counters();
    std::printf("counted: late_inspected=%llu retransmissions=%llu dropped=%llu\n",
                static_cast<unsigned long long>(counters.late_inspected),
                static_cast<unsigned long long>(counters.retransmissions),
                static_cast<unsigned long long>(counters.dropped));
}

}  // namespace

int main(int argc, char** argv) {
    const sigset_t stop = block_stop_signals();
    owsk::trace::TextTrace trace(stdout, owsk::trace::Detail::important);
    owsk::trace::Summary summary;
    owsk::MachineOptions options;
    options.gate = owsk::GateMode::strict;
    options.observers = {&trace, &summary};
    owsk::Machine machine(options);
    for (int at = 1; at + 2 < argc; at += 2) {
        if (std::string(argv[at]) == "--set") {
            set(machine, argv[at + 1]);
        }
    }
    const std::filesystem::path path = argv[argc - 1];
    const std::string name = path.stem().stem();
    owsk::DriverError error;
    if (!machine.load_driver(name, path, error)) {
        std::fprintf(stderr, "hard_counting_run: %s\n", error.message.c_str());
        return exit_failed;
    }
    int signal = 0;
    sigwait(&stop, &signal);
    machine.unload_driver(name);
    say_counters(machine);
    const std::uint64_t leaks = machine.stop();
    std::printf("%s\n", summary.line().c_str());
    return leaks == 0 ? 0 : exit_leak;
}
