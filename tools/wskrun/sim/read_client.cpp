// SPDX-License-Identifier: MIT
// [[client]]: "finish" is a step, and so is { expect = "hello", within = "1s" }.
#include "sim/read_client.h"

#include <charconv>
#include <limits>

#include "sim/section.h"

namespace wskrun {

namespace {

constexpr Duration patience = std::chrono::minutes(1);
constexpr std::uint64_t step_bytes_max = std::uint64_t{1} << 30;

struct Word {
    const char* name;
    Verb verb;
};
constexpr Word words[] = {{"finish", Verb::finish},
                          {"close", Verb::close},
                          {"reset", Verb::reset},
                          {"stop reading", Verb::stop_reading},
                          {"go on reading", Verb::go_on_reading}};

constexpr const char* steps_allowed =
    "\"finish\", \"close\", \"reset\", \"stop reading\" or \"go on reading\", or a table that "
    "begins with send, send_hex, expect, expect_hex, expect_line, expect_state, expect_nothing or "
    "wait";

int digit_of(char character) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char lower =
        character >= 'A' && character <= 'F' ? static_cast<char>(character - 'A' + 'a') : character;
    const std::size_t at = digits.find(lower);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// "00 ff 1a": pairs of digits, with or without blanks between them.
std::string hex_of(const Value& value, const std::string& what) {
    const std::string& text = text_of(value, what);
    std::string bytes;
    int high = -1;
    for (const char character : text) {
        const int digit = digit_of(character);
        if (character == ' ' && high < 0) {
            continue;
        }
        if (digit < 0) {
            refuse_kind(value, what, "pairs of hexadecimal digits, such as \"00 ff 1a\"");
        }
        if (high < 0) {
            high = digit;
        } else {
            bytes += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
    if (high >= 0) {
        refuse_kind(value, what, "pairs of hexadecimal digits, such as \"00 ff 1a\"");
    }
    return bytes;
}

void read_bytes(const Section& section, Step& step, const char* name, const char* hex_name) {
    const Value& value = section.has(name) ? section.require(name) : section.require(hex_name);
    step.text = section.has(name) ? text_of(value, name) : hex_of(value, hex_name);
    if (step.text.empty()) {
        throw ScenarioError(value.line, std::string(name) + " needs at least one byte");
    }
    step.repeat = static_cast<std::uint64_t>(
        section.whole("repeat", 1, std::numeric_limits<std::int64_t>::max()).value_or(1));
    if (step.repeat > step_bytes_max / step.text.size()) {
        throw ScenarioError(section.require("repeat").line,
                            "repeat makes more than 1 GiB of one step; use several steps");
    }
}

Step read_table(const Value& table) {
    Step step{.line = table.line};
    if (table.find("send") != nullptr || table.find("send_hex") != nullptr) {
        const bool hex = table.find("send") == nullptr;
        const Section section(table, "a send step", {hex ? "send_hex" : "send", "repeat"});
        step.verb = Verb::send;
        read_bytes(section, step, "send", "send_hex");
    } else if (table.find("expect") != nullptr || table.find("expect_hex") != nullptr) {
        const bool hex = table.find("expect") == nullptr;
        const Section section(
            table, "an expect step", {hex ? "expect_hex" : "expect", "repeat", "within"});
        step.verb = Verb::expect;
        read_bytes(section, step, "expect", "expect_hex");
        step.time = section.duration("within").value_or(patience);
    } else if (table.find("expect_line") != nullptr) {
        const Section section(table, "an expect_line step", {"expect_line", "within"});
        step.verb = Verb::expect_line;
        step.text = text_of(section.require("expect_line"), "expect_line");
        step.time = section.duration("within").value_or(patience);
    } else if (const Value* state = table.find("expect_state")) {
        const Section section(table, "an expect_state step", {"expect_state", "within"});
        step.verb = Verb::expect_state;
        step.text =
            one_of(*state,
                   "expect_state",
                   {"connected", "peer finished", "finished", "refused", "reset", "timed out"});
        step.time = section.duration("within").value_or(patience);
    } else if (table.find("expect_nothing") != nullptr) {
        const Section section(table, "an expect_nothing step", {"expect_nothing"});
        step.verb = Verb::expect_nothing;
        step.time = duration_of(section.require("expect_nothing"), "expect_nothing");
    } else if (table.find("wait") != nullptr) {
        const Section section(table, "a wait step", {"wait"});
        step.verb = Verb::wait;
        step.time = duration_of(section.require("wait"), "wait");
    } else {
        const std::string has = table.members.empty() ? "is empty" : "has " + table.members[0].name;
        throw ScenarioError(table.line, "a step " + has + "; expected " + steps_allowed);
    }
    return step;
}

Step read_step(const Value& value) {
    if (value.kind == Value::Kind::table) {
        return read_table(value);
    }
    if (value.kind == Value::Kind::text) {
        for (const Word& word : words) {
            if (value.text == word.name) {
                return {.verb = word.verb, .line = value.line};
            }
        }
    }
    refuse_kind(value, "a step", steps_allowed);
}

std::uint64_t size_of(const Value& value, const std::string& what) {
    const std::optional<std::uint64_t> size =
        value.kind == Value::Kind::text ? parse_size(value.text) : std::nullopt;
    if (!size || *size == 0) {
        refuse_kind(value, what, sizes_allowed);
    }
    return *size;
}

// "192.0.2.2" or "192.0.2.2:4000".
void read_from(const Value& value, const Names& names, owsk::Computer::ConnectOptions& options) {
    if (is_ip(text_of(value, "from"))) {
        options.from_ip = value.text;
        return;
    }
    const Names::Endpoint endpoint = names.endpoint_of(value, "from");
    options.from_ip = endpoint.ip;
    options.from_port = endpoint.port;
}

}  // namespace

ClientPlan read_client(const Value& table, const Names& names, std::size_t number) {
    const Section section(
        table,
        "[[client]]",
        {"name", "computer", "at", "count", "every", "connect", "from", "receive_buffer", "steps"});
    ClientPlan plan;
    plan.line = section.line();
    plan.name = section.text("name").value_or(std::to_string(number));
    plan.computer = text_of(section.require("computer"), "computer");
    names.require_tcp(section.require("computer"), "computer");
    plan.at = section.duration("at").value_or(Duration(0));
    plan.count = static_cast<unsigned>(section.whole("count", 1, 100'000).value_or(1));
    plan.every = section.duration("every").value_or(Duration(0));
    const Names::Endpoint to = names.endpoint_of(section.require("connect"), "connect");
    plan.to_ip = to.ip;
    plan.to_port = to.port;
    names.require_way(section.require("connect"), plan.computer, plan.to_ip);
    if (const Value* from = section.find("from")) {
        read_from(*from, names, plan.options);
        names.require_owner(*from, plan.computer, plan.options.from_ip);
    }
    if (const Value* buffer = section.find("receive_buffer")) {
        plan.options.receive_buffer = size_of(*buffer, "receive_buffer");
    }
    if (const Value* steps = section.find("steps")) {
        for (const Value& step : list_of(*steps, "steps")) {
            plan.steps.push_back(read_step(step));
        }
    }
    return plan;
}

}  // namespace wskrun
