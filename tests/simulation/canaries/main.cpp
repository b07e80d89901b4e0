// SPDX-License-Identifier: MIT
// Searches each canary with one seed after another, in a child process that may die of it. A canary
// that is not found, or not by what should find it, fails the run; so does a checker that found
// none.
#include <openwsk/process.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "simulation/arguments.h"
#include "simulation/canaries/canary.h"
#include "simulation/run.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint64_t seeds_max = 4000;
// With so many, what is found only in mode `hostile` is not found in mode `mixed`.
constexpr std::uint64_t mixed_seeds = 200;

constexpr const char* help =
    "simulation_canaries [--canary NAME] [--seed N | --seeds FROM-TO] [--trace] [--list]\n"
    "\n"
    "Searches wrong drivers and planted faults with the seeds 1-4000, or those that are named.\n"
    "With one canary and one seed it plays that run here, so that a debugger can follow.\n";

void play(const Canary& canary,
          std::uint64_t seed,
          const char* program,
          std::FILE* trace,
          std::optional<CompletionMode> completion) {
    plant(canary.planted);
    Run run({.seed = seed,
             .name = canary.name,
             .replay = std::string(program) + " --canary " + canary.name + " --seed " +
                       std::to_string(seed),
             .capture = {},
             .trace = trace,
             .completion = completion});
    canary.play(run);
    plant(nullptr);
}

std::optional<CompletionMode> mode_of(const Canary& canary) {
    return canary.is_hostile ? std::optional(CompletionMode::hostile) : std::nullopt;
}

// What the child has said until it ended; nothing if it ended in order.
std::string search(const Canary& canary,
                   std::uint64_t first_seed,
                   std::uint64_t last_seed,
                   const char* program,
                   std::optional<CompletionMode> completion) {
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
        for (std::uint64_t seed = first_seed; seed <= last_seed; ++seed) {
            play(canary, seed, program, nullptr, completion);
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

// Whether a finder's words stand in a line of it.
bool has_line_with(const std::string& said, const std::string& words) {
    return said.find(words) != std::string::npos;
}

// What has found it, and what that says: the line of Run::fail, or what the process died of.
std::string verdict_in(const std::string& said) {
    if (has_line_with(said, "ERROR: AddressSanitizer") || has_line_with(said, "runtime error: ")) {
        return by_sanitizer;
    }
    const std::size_t assertion = said.find(by_assertion);
    const std::size_t at = said.find("simulation: FAILED");
    if (at == std::string::npos) {
        return "it died without a word";
    }
    const std::size_t begin =
        assertion < at ? assertion : said.find(": ", said.find(", seed ", at)) + 2;
    return said.substr(begin, said.find('\n', begin) - begin);
}

// "seed 12", or that of the child's last run.
std::string seed_in(const std::string& said) {
    const std::size_t begin = said.rfind("--seed ");
    return begin == std::string::npos
               ? "an unknown seed"
               : said.substr(begin + 2,
                             said.find_first_not_of("0123456789", begin + 7) - begin - 2);
}

bool is_hidden_in_mixed(const Canary& canary, const char* program) {
    const std::string said = search(canary, 1, mixed_seeds, program, CompletionMode::mixed);
    if (!said.empty()) {
        std::printf("%s: FOUND IN MODE mixed, too\n%s\n", canary.name, said.c_str());
    }
    return said.empty();
}

bool look_for(const Canary& canary,
              const Arguments& arguments,
              const char* program,
              std::string& all_said) {
    const std::string said =
        search(canary, arguments.first_seed, arguments.last_seed, program, mode_of(canary));
    if (said.empty()) {
        std::printf("%s: NOT FOUND with the seeds %" PRIu64 "-%" PRIu64 "\n",
                    canary.name,
                    arguments.first_seed,
                    arguments.last_seed);
        return false;
    }
    all_said += said;
    const std::string verdict = verdict_in(said);
    const auto has_found = [&verdict](const std::string& who) { return verdict.starts_with(who); };
    if (std::none_of(canary.finders.begin(), canary.finders.end(), has_found)) {
        std::printf("%s: FOUND BY SOMETHING ELSE than", canary.name);
        for (const std::string& finder : canary.finders) {
            std::printf(" \"%s\"", finder.c_str());
        }
        std::printf(": %s\n%s\n", verdict.c_str(), said.c_str());
        return false;
    }
    std::printf("%s: found, %s: %s\n", canary.name, seed_in(said).c_str(), verdict.c_str());
    std::fflush(stdout);
    return !canary.is_hostile || is_hidden_in_mixed(canary, program);
}

// Every checker sees: one of the canaries was found by it.
bool all_checkers_see(const std::string& all_said) {
    bool all = true;
    for (const char* checker : {IrpChecker::name,
                                StreamChecker::name,
                                AttemptChecker::name,
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
            play(canary,
                 arguments->first_seed,
                 values[0],
                 arguments->trace ? stdout : nullptr,
                 mode_of(canary));
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
    const owsk::OneCpu one_cpu;
    return owsk::scenarios::main(count, values);
}
