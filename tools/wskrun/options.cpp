// SPDX-License-Identifier: MIT
// The command line, by CLI11.
#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>

#include "completion_names.h"
#include "exit_status.h"
#include "nearest.h"

namespace wskrun {

namespace {

constexpr const char* footer = R"(
A driver's name is its file name without .sys.so: echo.sys.so is "echo". Its registry values:
  --set echo.Port=5001                 a whole number (decimal or 0x...) becomes a REG_DWORD,
  --set echo.Address=127.0.0.1         anything else a REG_SZ
  --set-text echo.Secret=0042          a REG_SZ, whatever it looks like
  --set-list gate.Allow=10.0.0.1,::1   a REG_MULTI_SZ

Ctrl-C or SIGTERM unloads the drivers, last one first. SIGUSR1 prints the summary so far, what
is open and what is held. Exit status: 0 fine, 1 a driver failed to start, 2 usage, 3 bug check or
broken rule, 4 leak, 5 an expectation of a scenario was not met, 6 no thread could go on, 7 standard
output or a capture could not be written, 130 ended at once by a third Ctrl-C.

--network sim runs the drivers in virtual time, against the clients of a scenario; the same seed
prints the same bytes. `man wskrun` says how to write a scenario.

`wskrun doctor` says what this machine can do, and how to get the rest.)";

const std::map<std::string, owsk::GateMode> gate_modes = {
    {"auto", owsk::GateMode::automatic},
    {"strict", owsk::GateMode::strict},
    {"accepted", owsk::GateMode::accepted},
};

// What CLI11 fills in, before names are resolved.
struct Arguments {
    std::vector<std::string> paths;
    std::vector<std::string> values;
    std::vector<std::string> texts;
    std::vector<std::string> lists;
    std::vector<std::string> faults;
    std::string processors = "1";
    std::string completion = "windows";
    std::string sends = "buffered";
    std::string gate = "auto";
    std::string network = "linux";
    std::string seed;
    std::string held_attempts;
    std::string untaken_connections;
    std::string run_for;
};

// Says it in one way for all options.
CLI::Validator one_of(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + name;
    }
    return CLI::Validator(
        [names, list](std::string& value) {
            return std::find(names.begin(), names.end(), value) != names.end()
                       ? std::string()
                       : value + " is none of " + list + did_you_mean(value, names);
        },
        '{' + list + '}');
}

// Takes the former name of a value, too.
CLI::Validator renamed(std::string (*name_now)(const std::string&)) {
    return CLI::Validator(
        [name_now](std::string& value) {
            value = name_now(value);
            return std::string();
        },
        "");
}

// Of --held-attempts.
constexpr const char* former_held_attempts = "--held-requests";

std::string gate_name_now(const std::string& name) {
    return name == "emulate" ? "accepted" : name;
}

void add_values(CLI::App& app,
                const std::string& name,
                std::vector<std::string>& into,
                const char* help) {
    app.add_option(name, into, help)->type_name("DRIVER.NAME=VALUE")->allow_extra_args(false);
}

// The end of the help.
std::string list_of_faults() {
    std::string text =
        "\n\n--fault NAME=nth:3 makes the third occasion fail, NAME=percent:5 each one with a "
        "probability of 5 %,\nchosen by --seed. The names:\n";
    for (std::size_t i = 0; i < owsk::fault_count; ++i) {
        const auto fault = static_cast<owsk::Fault>(i);
        std::string name = owsk::fault_name(fault);
        name.resize(22, ' ');
        text += "  " + name + owsk::fault_text(fault) + '\n';
    }
    return text;
}

// Throws std::invalid_argument.
std::vector<owsk::FaultSetting> parse_faults(const std::vector<std::string>& texts) {
    std::vector<owsk::FaultSetting> faults;
    for (const std::string& text : texts) {
        try {
            faults.push_back(owsk::parse_fault_setting(text));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(std::string("--fault ") + error.what());
        }
    }
    return faults;
}

void declare_gate(CLI::App& app, Arguments& arguments) {
    app.add_option("--gate",
                   arguments.gate,
                   "When conditional listeners ask their driver: at the SYN if possible, only at "
                   "the SYN, or after the handshake")
        ->transform(renamed(gate_name_now))
        ->check(one_of({"auto", "strict", "accepted"}))
        ->type_name("")
        ->capture_default_str();
    app.add_option("--held-attempts",
                   arguments.held_attempts,
                   "Attempts that a conditional listener holds at once, at most half of them from "
                   "one client; by default 4096 at the SYN and 1024 after the handshake")
        ->type_name("NUMBER");
    app.add_option(former_held_attempts, arguments.held_attempts)->group("");  // in no help
    app.add_option("--untaken-connections",
                   arguments.untaken_connections,
                   "Connections of accepted attempts that a conditional listener keeps for "
                   "WskAccept; more wait in the backlog. 1024 by default")
        ->type_name("NUMBER");
}

void declare(CLI::App& app, Arguments& arguments, Options& options) {
    app.add_option("DRIVER", arguments.paths, "Driver modules, loaded in this order")
        ->type_name("FILE");
    add_values(app, "--set", arguments.values, "Registry value: REG_DWORD or REG_SZ");
    add_values(app, "--set-text", arguments.texts, "Registry value: REG_SZ");
    add_values(app, "--set-list", arguments.lists, "Registry value: REG_MULTI_SZ, split at commas");
    app.add_option("--network",
                   arguments.network,
                   "The network of this computer, or a simulated one in virtual time")
        ->check(one_of({"linux", "sim"}))
        ->type_name("")
        ->capture_default_str();
    app.add_option("--scenario",
                   options.scenario,
                   "What happens on the simulated network; by default a few clients for each "
                   "listening socket")
        ->type_name("FILE.toml");
    app.add_option("--processors", arguments.processors, "Processors of the machine")
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--completion",
                   arguments.completion,
                   "When a call that could finish at once completes its IRP")
        ->transform(renamed(completion_name_now))
        ->check(one_of(completion_mode_names()))
        ->type_name("")
        ->capture_default_str();
    app.add_option("--sends",
                   arguments.sends,
                   "When a WskSend completes: when the network has taken the bytes, or when the "
                   "peer has acknowledged them")
        ->check(one_of(send_completion_names()))
        ->type_name("")
        ->capture_default_str();
    app.add_option("--seed",
                   arguments.seed,
                   "For --completion mixed and hostile, and for everything on a simulated network; "
                   "by default 0, or 1 there")
        ->type_name("NUMBER");
    declare_gate(app, arguments);
    app.add_option("--for",
                   arguments.run_for,
                   "Unload and end after this many seconds, virtual ones on a simulated network")
        ->type_name("SECONDS");
    app.add_option("--fault", arguments.faults, "Makes something fail; may be repeated")
        ->type_name("NAME=WHEN")
        ->allow_extra_args(false);
    app.add_flag("-v,--verbose", options.verbose, "A line for every event");
    app.add_flag("--core", options.core, "Abort on a bug check, so that a core file is written");
    app.set_version_flag("--version", WSKRUN_VERSION);
    app.add_subcommand("doctor", "Say what this machine can do, and how to get the rest");
    app.footer(footer + list_of_faults());
}

std::string driver_name(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    for (const std::string suffix : {".so", ".sys"}) {
        if (name.ends_with(suffix) && name.size() > suffix.size()) {
            name.resize(name.size() - suffix.size());
        }
    }
    return name;
}

void name_drivers(const std::vector<std::string>& paths,
                  Options& options,
                  std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const std::string& path : paths) {
        const std::string name = driver_name(path);
        if (!seen.insert(name).second) {
            throw std::invalid_argument("two drivers would be named " + name +
                                        "; give one of the files another name (a link will do)");
        }
        options.drivers.push_back({name, path});
        names.push_back(name);
    }
}

// The whole number from `min` to `max` that `text` is; `subject` says what it counts. Throws
// std::invalid_argument.
template <typename Number>
Number parse_whole(
    const char* option, const std::string& text, const char* subject, Number min, Number max) {
    Number number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || end != last || number < min || number > max) {
        throw std::invalid_argument(std::string(option) + ' ' + text.substr(0, 40) + ": " +
                                    subject + " whole number from " + std::to_string(min) + " to " +
                                    std::to_string(max));
    }
    return number;
}

// Throws std::invalid_argument.
std::uint64_t parse_seed(const std::string& text) {
    return parse_whole<std::uint64_t>("--seed", text, "a seed is a", 0, UINT64_MAX);
}

// Throws std::invalid_argument.
std::chrono::duration<double> parse_seconds(const std::string& text) {
    // Thirty years: beyond it no count of nanoseconds is exact, and nobody waits so long.
    constexpr double seconds_max = 1e9;
    double seconds = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, seconds);
    // Not a number is not greater than anything.
    if (error != std::errc() || end != last || !(seconds >= 0 && seconds <= seconds_max)) {
        throw std::invalid_argument("--for " + text.substr(0, 40) +
                                    ": the time is a number of seconds, such as 10 or 0.5, and at "
                                    "most 1000000000");
    }
    return std::chrono::duration<double>(seconds);
}

// Throws std::invalid_argument.
std::uint32_t parse_bound(const char* option, const std::string& text) {
    return parse_whole<std::uint32_t>(option, text, "the bound is a", 1, 1'000'000);
}

// What was given, and not what it is otherwise. Throws std::invalid_argument.
void resolve_what_was_given(const CLI::App& app, const Arguments& arguments, Options& options) {
    if (app.count("--processors") > 0) {
        options.processors = parse_whole<unsigned>(
            "--processors", arguments.processors, "the number of processors is a", 1, 64);
    }
    if (app.count("--completion") > 0) {
        options.completion = completion_mode_of(arguments.completion);
    }
    if (app.count("--sends") > 0) {
        options.sends = send_completion_of(arguments.sends);
    }
    if (app.count("--seed") > 0) {
        options.seed = parse_seed(arguments.seed);
    }
    if (app.count("--held-attempts") + app.count(former_held_attempts) > 0) {
        options.limits.held_attempts = parse_bound("--held-attempts", arguments.held_attempts);
    }
    if (app.count("--untaken-connections") > 0) {
        options.limits.untaken_connections =
            parse_bound("--untaken-connections", arguments.untaken_connections);
    }
    if (app.count("--for") > 0) {
        options.run_for = parse_seconds(arguments.run_for);
    }
}

// Throws std::invalid_argument.
void resolve_network(const CLI::App& app, const Arguments& arguments, Options& options) {
    if (arguments.network == "linux") {
        if (app.count("--scenario") > 0) {
            throw std::invalid_argument("--scenario is for a simulated network; add --network sim");
        }
        return;
    }
    options.network = NetworkKind::sim;
    if (app.count("--gate") > 0) {
        throw std::invalid_argument(
            "--gate chooses among the ways of a Linux network; a simulated one always asks the "
            "driver at the SYN (gate \"sim\"). Leave out --gate, or --network sim");
    }
}

// Throws std::invalid_argument.
void resolve(const CLI::App& app, const Arguments& arguments, Options& options) {
    options.doctor = app.got_subcommand("doctor");
    if (options.doctor) {
        return;
    }
    if (arguments.paths.empty()) {
        throw std::invalid_argument("no driver is named; try wskrun echo.sys.so, or wskrun doctor");
    }
    std::vector<std::string> names;
    name_drivers(arguments.paths, options, names);
    for (const std::string& value : arguments.values) {
        options.parameters.push_back(parse_parameter(value, ParameterKind::number_or_text, names));
    }
    for (const std::string& value : arguments.texts) {
        options.parameters.push_back(parse_parameter(value, ParameterKind::text, names));
    }
    for (const std::string& value : arguments.lists) {
        options.parameters.push_back(parse_parameter(value, ParameterKind::list, names));
    }
    resolve_what_was_given(app, arguments, options);
    options.gate = gate_modes.at(arguments.gate);
    options.faults = parse_faults(arguments.faults);
    resolve_network(app, arguments, options);
}

// CLI11's error in the words and the form of our own.
std::string message_of(const CLI::App& app, const CLI::ParseError& error) {
    const auto* const extras = dynamic_cast<const CLI::ExtrasError*>(&error);
    if (extras == nullptr) {
        return error.what();
    }
    std::vector<std::string> names;
    // Without the former names, which are in no group of the help.
    const auto is_shown = [](const CLI::Option* option) { return !option->get_group().empty(); };
    for (const CLI::Option* option : app.get_options(is_shown)) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    for (const std::string& word : app.remaining()) {
        if (word.starts_with('-')) {
            const std::string name = word.substr(0, word.find('='));
            return "there is no option " + name + did_you_mean(name, names);
        }
    }
    return error.what();
}

int say_usage(const char* message) {
    std::fprintf(stderr, "wskrun: %s\nRun wskrun --help for all options.\n", message);
    return exit_usage;
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
    CLI::App app("Runs Winsock Kernel drivers as an ordinary Linux process.", "wskrun");
    Arguments arguments;
    Options options;
    options.command.assign(argv, argv + argc);
    declare(app, arguments, options);
    try {
        app.parse(argc, argv);
        resolve(app, arguments, options);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            errno = 0;
            const int status = app.exit(error);  // what --help and --version want
            std::cout.flush();
            return {std::nullopt, status, std::cout.bad() ? errno : 0};
        }
        return {std::nullopt, say_usage(message_of(app, error).c_str()), 0};
    } catch (const std::invalid_argument& error) {
        return {std::nullopt, say_usage(error.what()), 0};
    }
    return {std::move(options), exit_fine, 0};
}

}  // namespace wskrun
