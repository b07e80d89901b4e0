// SPDX-License-Identifier: MIT
// Words, and tables that begin with what is done.
#include "sim/read_steps.h"

#include "sim/read_bytes.h"
#include "sim/section.h"

namespace wskrun {

namespace {

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

void read_step_bytes(const Section& section, Step& step, const char* name, const char* hex_name) {
    Bytes bytes = read_bytes(section,
                             name,
                             hex_name,
                             step_bytes_max,
                             "repeat makes more than 1 GiB of one step; use several steps");
    if (bytes.text.empty()) {
        throw ScenarioError(section.line(), std::string(name) + " needs at least one byte");
    }
    step.text = std::move(bytes.text);
    step.repeat = bytes.repeat;
}

Step read_table(const Value& table, const std::vector<std::string>& states) {
    Step step{.line = table.line};
    if (table.find("send") != nullptr || table.find("send_hex") != nullptr) {
        const bool hex = table.find("send") == nullptr;
        const Section section(table, "a send step", {hex ? "send_hex" : "send", "repeat"});
        step.verb = Verb::send;
        read_step_bytes(section, step, "send", "send_hex");
    } else if (table.find("expect") != nullptr || table.find("expect_hex") != nullptr) {
        const bool hex = table.find("expect") == nullptr;
        const Section section(
            table, "an expect step", {hex ? "expect_hex" : "expect", "repeat", "within"});
        step.verb = Verb::expect;
        read_step_bytes(section, step, "expect", "expect_hex");
        step.time = section.duration("within").value_or(patience);
    } else if (table.find("expect_line") != nullptr) {
        const Section section(table, "an expect_line step", {"expect_line", "within"});
        step.verb = Verb::expect_line;
        step.text = text_of(section.require("expect_line"), "expect_line");
        step.time = section.duration("within").value_or(patience);
    } else if (const Value* state = table.find("expect_state")) {
        const Section section(table, "an expect_state step", {"expect_state", "within"});
        step.verb = Verb::expect_state;
        step.text = one_of(*state, "expect_state", states);
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

Step read_step(const Value& value, const std::vector<std::string>& states) {
    if (value.kind == Value::Kind::table) {
        return read_table(value, states);
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

}  // namespace

std::vector<Step> read_steps(const Value& list, const std::vector<std::string>& states) {
    std::vector<Step> steps;
    for (const Value& step : list_of(list, "steps")) {
        steps.push_back(read_step(step, states));
    }
    return steps;
}

}  // namespace wskrun
