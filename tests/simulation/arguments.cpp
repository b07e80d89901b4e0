// SPDX-License-Identifier: MIT
// Options, and what is said about those that are wrong.
#include "simulation/arguments.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace owsk::scenarios {

namespace {

constexpr int usage_error = 2;

std::uint64_t number(std::string_view text, const std::string& option) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
        throw std::invalid_argument(option + ": \"" + std::string(text) +
                                    "\" is no seed; a seed is a whole number from 0 to "
                                    "18446744073709551615");
    }
    return value;
}

void set_seeds(Arguments& arguments, const std::string& text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string::npos) {
        throw std::invalid_argument("--seeds: \"" + text +
                                    "\" is no range; it is written FROM-TO, as in 1-200");
    }
    arguments.first_seed = number(std::string_view(text).substr(0, dash), "--seeds");
    arguments.last_seed = number(std::string_view(text).substr(dash + 1), "--seeds");
    if (arguments.first_seed > arguments.last_seed) {
        throw std::invalid_argument("--seeds: \"" + text +
                                    "\" is empty; the first seed must not be above the last");
    }
}

void set_name(Arguments& arguments, const std::string& text, const ArgumentRules& rules) {
    if (std::find(rules.names.begin(), rules.names.end(), text) == rules.names.end()) {
        std::string all;
        for (const std::string& name : rules.names) {
            all += (all.empty() ? "" : ", ") + name;
        }
        throw std::invalid_argument("--" + rules.thing + ": there is no " + rules.thing + " \"" +
                                    text + "\"; there are " + all);
    }
    arguments.name = text;
}

class Reader {
  public:
    Reader(int count, const char* const* values) : values_(values + 1, values + count) {}

    bool is_at_end() const { return next_ == values_.size(); }
    std::string next() { return values_[next_++]; }
    std::string value_of(const std::string& option) {
        if (is_at_end()) {
            throw std::invalid_argument(option + " needs a value");
        }
        return next();
    }

  private:
    const std::vector<std::string> values_;
    std::size_t next_ = 0;
};

// False if only the help was wanted.
bool read(Reader& reader, const ArgumentRules& rules, Arguments& arguments) {
    while (!reader.is_at_end()) {
        const std::string option = reader.next();
        if (option == "--help" || option == "-h") {
            return false;
        }
        if (option == "--" + rules.thing) {
            set_name(arguments, reader.value_of(option), rules);
        } else if (option == "--seed") {
            arguments.first_seed = number(reader.value_of(option), option);
            arguments.last_seed = arguments.first_seed;
        } else if (option == "--seeds") {
            set_seeds(arguments, reader.value_of(option));
        } else if (option == "--capture") {
            arguments.capture = reader.value_of(option);
        } else if (option == "--trace") {
            arguments.trace = true;
        } else if (option == "--digest") {
            arguments.digest = true;
        } else if (option == "--list") {
            arguments.list = true;
        } else {
            throw std::invalid_argument("\"" + option + "\" is no option; --help lists them");
        }
    }
    const bool is_one_run = !arguments.name.empty() && arguments.first_seed == arguments.last_seed;
    if (!arguments.capture.empty() && !is_one_run) {
        throw std::invalid_argument("--capture is for one run: it needs --" + rules.thing +
                                    " and --seed");
    }
    return true;
}

}  // namespace

std::optional<Arguments> parse_arguments(int count,
                                         const char* const* values,
                                         const ArgumentRules& rules,
                                         int& status) {
    Arguments arguments;
    arguments.last_seed = rules.seeds;
    try {
        Reader reader(count, values);
        if (read(reader, rules, arguments)) {
            return arguments;
        }
        std::fputs(rules.help.c_str(), stdout);
        status = 0;
    } catch (const std::invalid_argument& problem) {
        std::fprintf(stderr, "%s: %s\n", rules.program.c_str(), problem.what());
        status = usage_error;
    }
    return std::nullopt;
}

}  // namespace owsk::scenarios
