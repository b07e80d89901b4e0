// SPDX-License-Identifier: MIT
// [[datagrams]]: "echo" is a step, and so is { send = "ping", count = 10, every = "20ms" }.
#include "sim/read_datagrams.h"

#include <utility>

#include "sim/read_bytes.h"
#include "sim/section.h"

namespace wskrun {

namespace {

constexpr std::int64_t peers_max = 100'000;
constexpr std::int64_t datagrams_max = 1'000'000;

constexpr const char* datagram_steps_allowed =
    "\"echo\", or a table that begins with send, send_hex, answer, answer_hex, expect, expect_hex, "
    "expect_like, expect_nothing or wait";

class StepReader {
  public:
    // `to`: whom a step sends to that names nobody; port 0: it has to name somebody.
    StepReader(const Names& names, const DatagramsPlan& plan, Endpoint to)
        : names_(names), plan_(plan), to_(std::move(to)) {}

    DatagramStep read(const Value& value) const {
        if (value.kind == Value::Kind::table) {
            return read_table(value);
        }
        if (value.kind != Value::Kind::text || value.text != "echo") {
            refuse_kind(value, "a step", datagram_steps_allowed);
        }
        return {.verb = DatagramVerb::echo, .line = value.line};
    }

  private:
    DatagramStep read_table(const Value& table) const {
        const auto has = [&](const char* key) { return table.find(key) != nullptr; };
        if (has("send") || has("send_hex")) {
            return read_send(table, has("send") ? "send" : "send_hex");
        }
        if (has("answer") || has("answer_hex")) {
            return read_answer(table, has("answer") ? "answer" : "answer_hex");
        }
        if (has("expect") || has("expect_hex")) {
            return read_expect(table, has("expect") ? "expect" : "expect_hex");
        }
        if (has("expect_like")) {
            return read_expect_like(table);
        }
        DatagramStep step{.line = table.line};
        if (has("expect_nothing")) {
            const Section section(table, "an expect_nothing step", {"expect_nothing"});
            step.verb = DatagramVerb::expect_nothing;
            step.time = duration_of(section.require("expect_nothing"), "expect_nothing");
        } else if (has("wait")) {
            const Section section(table, "a wait step", {"wait"});
            step.time = duration_of(section.require("wait"), "wait");
        } else {
            const std::string is =
                table.members.empty() ? "is empty" : "has " + table.members[0].name;
            throw ScenarioError(table.line,
                                "a step " + is + "; expected " + datagram_steps_allowed);
        }
        return step;
    }

    DatagramStep read_send(const Value& table, const char* key) const {
        const Section section(table, "a send step", {key, "repeat", "count", "every", "to"});
        DatagramStep step{.verb = DatagramVerb::send, .line = table.line};
        read_payload(section, step, "send", "send_hex");
        step.every = section.duration("every").value_or(Duration(0));
        step.to = to_;
        if (const Value* const to = section.find("to")) {
            step.to = names_.endpoint_of(*to, "to");
            names_.require_way(*to, plan_.computer, step.to.ip);
            require_family(*to, step.to.ip);
        }
        if (step.to.port == 0) {
            throw ScenarioError(table.line,
                                "a send step needs the key \"to\", since its [[datagrams]] has "
                                "none");
        }
        return step;
    }

    DatagramStep read_answer(const Value& table, const char* key) const {
        const Section section(table, "an answer step", {key, "repeat", "count", "from", "within"});
        DatagramStep step{.verb = DatagramVerb::answer, .line = table.line};
        read_payload(section, step, "answer", "answer_hex");
        read_expectation(section, step);
        return step;
    }

    DatagramStep read_expect(const Value& table, const char* key) const {
        const Section section(table, "an expect step", {key, "repeat", "count", "from", "within"});
        DatagramStep step{.verb = DatagramVerb::expect, .line = table.line};
        read_payload(section, step, "expect", "expect_hex");
        read_expectation(section, step);
        return step;
    }

    DatagramStep read_expect_like(const Value& table) const {
        const Section section(
            table, "an expect_like step", {"expect_like", "count", "from", "within"});
        DatagramStep step{.verb = DatagramVerb::expect_like, .line = table.line};
        step.text = text_of(section.require("expect_like"), "expect_like");
        step.count = count_of(section);
        read_expectation(section, step);
        return step;
    }

    static unsigned count_of(const Section& section) {
        return static_cast<unsigned>(section.whole("count", 1, datagrams_max).value_or(1));
    }

    void read_payload(const Section& section,
                      DatagramStep& step,
                      const char* name,
                      const char* hex_name) const {
        const bool ipv6 = is_ipv6(plan_.from.ip);
        Bytes bytes = read_bytes(section,
                                 name,
                                 hex_name,
                                 ipv6 ? 65487 : 65507,
                                 ipv6 ? "a datagram over IPv6 has at most 65487 bytes"
                                      : "a datagram over IPv4 has at most 65507 bytes");
        step.text = std::move(bytes.text);
        step.repeat = bytes.repeat;
        step.count = count_of(section);
    }

    void read_expectation(const Section& section, DatagramStep& step) const {
        step.time = section.duration("within").value_or(patience);
        if (const Value* const from = section.find("from")) {
            const Endpoint source = names_.endpoint_of(*from, "from");
            require_family(*from, source.ip);
            step.from = to_string(source);
        }
    }

    void require_family(const Value& value, const std::string& ip) const {
        if (is_ipv6(ip) != is_ipv6(plan_.from.ip)) {
            throw ScenarioError(value.line,
                                ip + " is not of the same family as " + plan_.from.ip +
                                    ", which these datagrams come from");
        }
    }

    const Names& names_;
    const DatagramsPlan& plan_;
    const Endpoint to_;
};

// 4000, "192.0.2.2" or "192.0.2.2:4000", "0.0.0.0:4000".
Endpoint read_from(const Value& value, const Names& names, const DatagramsPlan& plan) {
    if (value.kind == Value::Kind::whole) {
        return {plan.from.ip, static_cast<std::uint16_t>(whole_of(value, "from", 1, 65535))};
    }
    const Endpoint from =
        is_ip(text_of(value, "from")) ? Endpoint{value.text, 0} : names.endpoint_of(value, "from");
    if (!is_wildcard(from.ip)) {
        names.require_owner(value, plan.computer, from.ip);
    }
    return from;
}

}  // namespace

DatagramsPlan read_datagrams(const Value& table, const Names& names, std::size_t number) {
    const Section section(table,
                          "[[datagrams]]",
                          {"name", "computer", "from", "to", "at", "count", "every", "steps"});
    DatagramsPlan plan;
    plan.line = section.line();
    plan.name = section.text("name").value_or(std::to_string(number));
    plan.computer = text_of(section.require("computer"), "computer");
    names.require_tcp(section.require("computer"), "computer");
    plan.at = section.duration("at");
    plan.count = static_cast<unsigned>(section.whole("count", 1, peers_max).value_or(1));
    plan.every = section.duration("every").value_or(Duration(0));
    Endpoint to;
    if (const Value* const value = section.find("to")) {
        to = names.endpoint_of(*value, "to");
        names.require_way(*value, plan.computer, to.ip);
    }
    // All addresses of the family that is sent to.
    const bool ipv6 = is_ipv6(to.ip.empty() ? names.addresses_of(plan.computer).front() : to.ip);
    plan.from.ip = ipv6 ? "::" : "0.0.0.0";
    if (const Value* const from = section.find("from")) {
        plan.from = read_from(*from, names, plan);
        if (!to.ip.empty() && is_ipv6(plan.from.ip) != ipv6) {
            throw ScenarioError(
                from->line,
                to.ip + " cannot be reached from " + plan.from.ip + ", which is of another family");
        }
    }
    const StepReader reader(names, plan, to);
    if (const Value* const steps = section.find("steps")) {
        for (const Value& step : list_of(*steps, "steps")) {
            if (!plan.steps.empty() && plan.steps.back().verb == DatagramVerb::echo) {
                throw ScenarioError(step.line,
                                    "no step can follow \"echo\", which sends everything back "
                                    "from then on");
            }
            plan.steps.push_back(reader.read(step));
        }
    }
    return plan;
}

}  // namespace wskrun
