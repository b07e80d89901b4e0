// SPDX-License-Identifier: MIT
// [[server]]: where it listens, and how many connections it takes.
#include "sim/read_server.h"

#include "sim/read_steps.h"
#include "sim/section.h"

namespace wskrun {

namespace {

constexpr std::int64_t connections_max = 100'000;

// 80, "192.0.2.9:80", "0.0.0.0:80" or "web:80".
std::vector<Endpoint> read_listen(const Value& value,
                                  const Names& names,
                                  const std::string& computer) {
    if (value.kind == Value::Kind::whole) {
        const auto port = static_cast<std::uint16_t>(whole_of(value, "listen", 1, 65535));
        std::vector<Endpoint> places;
        for (const std::string& ip : names.wildcards_of(computer)) {
            places.push_back({ip, port});
        }
        return places;
    }
    const Endpoint place = names.endpoint_of(value, "listen");
    if (!is_wildcard(place.ip)) {
        names.require_owner(value, computer, place.ip);
    }
    return {place};
}

// Nothing: as many as come.
std::optional<std::uint64_t> read_accept(const Value& value) {
    if (value.kind == Value::Kind::text && value.text == "any") {
        return std::nullopt;
    }
    if (value.kind != Value::Kind::whole || value.whole < 1 || value.whole > connections_max) {
        refuse_kind(value, "accept", "\"any\", or a whole number from 1 to 100000");
    }
    return static_cast<std::uint64_t>(value.whole);
}

}  // namespace

ServerPlan read_server(const Value& table, const Names& names, std::size_t number) {
    const Section section(table,
                          "[[server]]",
                          {"name",
                           "computer",
                           "listen",
                           "at",
                           "refuse",
                           "accept",
                           "within",
                           "receive_buffer",
                           "steps"});
    ServerPlan plan;
    plan.line = section.line();
    plan.name = section.text("name").value_or(std::to_string(number));
    plan.computer = text_of(section.require("computer"), "computer");
    names.require_tcp(section.require("computer"), "computer");
    plan.listen = read_listen(section.require("listen"), names, plan.computer);
    plan.at = section.duration("at");
    plan.options.refuse =
        static_cast<std::size_t>(section.whole("refuse", 1, connections_max).value_or(0));
    if (const Value* accept = section.find("accept")) {
        plan.accept = read_accept(*accept);
    }
    plan.within = section.duration("within").value_or(patience);
    if (!plan.accept && section.has("within")) {
        throw ScenarioError(section.require("within").line,
                            "within is for connections that are expected, and accept = \"any\" "
                            "expects none");
    }
    if (const Value* buffer = section.find("receive_buffer")) {
        plan.options.receive_buffer = size_of(*buffer, "receive_buffer");
    }
    if (const Value* steps = section.find("steps")) {
        plan.steps = read_steps(*steps, {"peer finished", "finished", "reset", "timed out"});
    }
    return plan;
}

}  // namespace wskrun
