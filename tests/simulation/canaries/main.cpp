// SPDX-License-Identifier: MIT
// Searches each canary with one seed after another, in a child process that may die of it. A canary
// that is not found, or not by what should find it, fails the run; so does a checker that found
// none.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "simulation/arguments.h"
#include "simulation/canaries/canary.h"
#include "simulation/checkers/callbacks.h"
#include "simulation/checkers/irps.h"
#include "simulation/checkers/leaks.h"
#include "simulation/checkers/order.h"
#include "simulation/checkers/requests.h"
#include "simulation/checkers/streams.h"
#include "simulation/run.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint64_t seeds_max = 4000;

constexpr const char* help =
    "simulation_canaries [--canary NAME] [--seed N | --seeds FROM-TO] [--trace] [--list]\n"
    "\n"
    "Searches wrong drivers and planted faults with the seeds 1-4000, or those that are named.\n"
    "With one canary and one seed it plays that run here, so that a debugger can follow.\n";

void play(const Canary& canary, std::uint64_t seed, const char* program, std::FILE* trace) {
    plant(canary.planted);
    Run run({.seed = seed,
             .name = canary.name,
             .replay = std::string(program) + " --canary " + canary.name + " --seed " +
                       std::to_string(seed),
             .capture = {},
             .trace = trace});
    canary.play(run);
    plant(nullptr);
}

// What the child has said until it ended; nothing if it ended in order.
std::string search(const Canary& canary, const Arguments& arguments, const char* program) {
    std::array<int, 2> ends;
    if (pipe(ends.data()) != 0) {
        std::perror("simulation_canaries: pipe");
        std::exit(1);
    }
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        for (std::uint64_t seed = arguments.first_seed; seed <= arguments.last_seed; ++seed) {
            play(canary, seed, program, nullptr);
        }
        std::_Exit(0);
    }
    close(ends[1]);
    std::string said;
    std::array<char, 4096> piece;
    for (;;) {
        const ssize_t count = read(ends[0], piece.data(), piece.size());
        if (count <= 0) {
            break;
        }
        said.append(piece.data(), static_cast<std::size_t>(count));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    const bool in_order = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return in_order ? "" : said + "\n";
}

// The line that Run::fail, or the last words of the process, have written.
std::string verdict_in(const std::string& said) {
    const std::size_t at = said.find("simulation: FAILED");
    if (at == std::string::npos) {
        return "it died without a word";
    }
    const std::size_t begin = said.find(", seed ", at) + 2;
    return said.substr(begin, said.find('\n', begin) - begin);
}

bool look_for(const Canary& canary,
              const Arguments& arguments,
              const char* program,
              std::string& all_said) {
    const std::string said = search(canary, arguments, program);
    if (said.empty()) {
        std::printf("%s: NOT FOUND with the seeds %" PRIu64 "-%" PRIu64 "\n",
                    canary.name,
                    arguments.first_seed,
                    arguments.last_seed);
        return false;
    }
    all_said += said;
    if (canary.expected != nullptr && said.find(canary.expected) == std::string::npos) {
        std::printf("%s: FOUND BY SOMETHING ELSE than \"%s\":\n%s\n",
                    canary.name,
                    canary.expected,
                    said.c_str());
        return false;
    }
    std::printf("%s: found, %s\n", canary.name, verdict_in(said).c_str());
    std::fflush(stdout);
    return true;
}

// Every checker sees: one of the canaries was found by it.
bool all_checkers_see(const std::string& all_said) {
    bool all = true;
    for (const char* checker : {IrpChecker::name,
                                StreamChecker::name,
                                RequestChecker::name,
                                CallbackChecker::name,
                                OrderChecker::name,
                                LeakChecker::name}) {
        if (all_said.find("checker " + std::string(checker) + ": ") == std::string::npos) {
            std::printf("checker %s: BLIND, it has found none of the canaries\n", checker);
            all = false;
        }
    }
    return all;
}

int main(int count, const char* const* values) {
    ArgumentRules rules = {"simulation_canaries", "canary", {}, help, seeds_max};
    for (const Canary& canary : all_canaries()) {
        rules.names.emplace_back(canary.name);
    }
    int status = 0;
    const std::optional<Arguments> arguments = parse_arguments(count, values, rules, status);
    if (!arguments.has_value()) {
        return status;
    }
    bool all_found = true;
    std::string all_said;
    for (const Canary& canary : all_canaries()) {
        if (!arguments->name.empty() && arguments->name != canary.name) {
            continue;
        }
        if (arguments->list) {
            std::printf("%-26s %s\n", canary.name, canary.about);
        } else if (!arguments->name.empty() && arguments->first_seed == arguments->last_seed) {
            play(canary, arguments->first_seed, values[0], arguments->trace ? stdout : nullptr);
            std::printf("%s: not found with this seed\n", canary.name);
        } else {
            all_found = look_for(canary, *arguments, values[0], all_said) && all_found;
        }
    }
    if (arguments->name.empty() && !arguments->list) {
        all_found = all_checkers_see(all_said) && all_found;
    }
    return all_found ? 0 : 1;
}

}  // namespace
}  // namespace owsk::scenarios

int main(int count, char** values) {
    return owsk::scenarios::main(count, values);
}
