// SPDX-License-Identifier: MIT
// One name, and when it changes.
#include "sim/read_names.h"

#include "sim/names.h"
#include "sim/section.h"

namespace wskrun {

NamePlan read_name(const Value& table) {
    const Section section(
        table, "[[name]]", {"name", "addresses", "canonical", "delay", "failure", "at"});
    const Value& name = section.require("name");
    NamePlan plan{.name = text_of(name, "name")};
    if (plan.name.empty()) {
        throw ScenarioError(name.line, "a [[name]] needs a \"name\" that is not empty");
    }
    if (const Value* const addresses = section.find("addresses")) {
        for (const Value& address : list_of(*addresses, "addresses")) {
            if (!is_ip(text_of(address, "an address"))) {
                throw ScenarioError(address.line,
                                    '"' + address.text + "\" is not an IPv4 or IPv6 address");
            }
            plan.rules.addresses.push_back(address.text);
        }
    }
    plan.rules.canonical = section.text("canonical").value_or("");
    plan.rules.delay = section.duration("delay").value_or(plan.rules.delay);
    if (const Value* const failure = section.find("failure")) {
        const bool unknown = one_of(*failure, "failure", {"unknown", "no answer"}) == "unknown";
        plan.rules.failure = unknown ? owsk::NameFailure::unknown : owsk::NameFailure::no_answer;
    }
    plan.at = section.duration("at");
    if (plan.rules.addresses.empty() && plan.rules.failure == owsk::NameFailure::none) {
        throw ScenarioError(section.line(),
                            "a [[name]] needs the key \"addresses\" or the key \"failure\"");
    }
    return plan;
}

}  // namespace wskrun
