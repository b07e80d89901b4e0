// SPDX-License-Identifier: MIT
// [[client]]: whom it connects to, and from where.
#include "sim/read_client.h"

#include "sim/read_steps.h"
#include "sim/section.h"

namespace wskrun {

namespace {

// "192.0.2.2" or "192.0.2.2:4000".
void read_from(const Value& value, const Names& names, owsk::Computer::ConnectOptions& options) {
    if (is_ip(text_of(value, "from"))) {
        options.from_ip = value.text;
        return;
    }
    const Endpoint endpoint = names.endpoint_of(value, "from");
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
    const Endpoint to = names.endpoint_of(section.require("connect"), "connect");
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
        plan.steps = read_steps(
            *steps, {"connected", "peer finished", "finished", "refused", "reset", "timed out"});
    }
    return plan;
}

}  // namespace wskrun
