// SPDX-License-Identifier: MIT
// Computers with drivers, their registry values and faults.
#include "sim/read_machine.h"

#include <limits>

#include "completion_names.h"
#include "sim/section.h"

namespace wskrun {

namespace {

// Throws ScenarioError if no driver of this run has the name.
void require_driver(unsigned line,
                    const std::string& name,
                    const std::vector<std::string>& drivers) {
    for (const std::string& driver : drivers) {
        if (driver == name) {
            return;
        }
    }
    throw ScenarioError(
        line, "no driver of this run is named \"" + name + "\"; expected " + alternatives(drivers));
}

Parameter read_parameter(const std::string& driver, const Member& member) {
    const Value& value = member.value;
    if (value.kind == Value::Kind::whole) {
        return {driver,
                member.name,
                static_cast<std::uint32_t>(
                    whole_of(value, member.name, 0, std::numeric_limits<std::uint32_t>::max()))};
    }
    if (value.kind == Value::Kind::text) {
        return {driver, member.name, value.text};
    }
    if (value.kind != Value::Kind::list) {
        refuse_kind(value,
                    member.name,
                    "a whole number (REG_DWORD), a text (REG_SZ) or a list of texts "
                    "(REG_MULTI_SZ)");
    }
    std::vector<std::string> texts;
    for (const Value& item : value.items) {
        texts.push_back(text_of(item, "a text of " + member.name));
    }
    return {driver, member.name, std::move(texts)};
}

std::vector<Parameter> read_parameters(const Value& table,
                                       const std::vector<std::string>& drivers) {
    std::vector<Parameter> parameters;
    for (const Member& driver : table_of(table, "parameters").members) {
        require_driver(driver.line, driver.name, drivers);
        for (const Member& member : table_of(driver.value, driver.name).members) {
            parameters.push_back(read_parameter(driver.name, member));
        }
    }
    return parameters;
}

std::vector<owsk::FaultSetting> read_faults(const Value& table) {
    std::vector<owsk::FaultSetting> faults;
    for (const Member& member : table_of(table, "faults").members) {
        const std::string& text = text_of(member.value, member.name);
        try {
            faults.push_back(owsk::parse_fault_setting(member.name + '=' + text));
        } catch (const std::invalid_argument& error) {
            throw ScenarioError(member.line, error.what());
        }
    }
    return faults;
}

owsk::CompletionMode read_completion(const Value& value) {
    Value now = value;
    now.text = completion_name_now(value.text);
    return completion_mode_of(one_of(now, "completion", completion_mode_names()));
}

owsk::SendCompletion read_sends(const Value& value) {
    return send_completion_of(one_of(value, "sends", send_completion_names()));
}

}  // namespace

ComputerPlan read_computer(const Value& table,
                           const std::string& what,
                           std::vector<std::string> keys) {
    keys.insert(keys.begin(), {"name", "addresses"});
    const Section section(table, what, keys);
    ComputerPlan plan{.name = text_of(section.require("name"), "name"), .line = section.line()};
    for (const Value& address : list_of(section.require("addresses"), "addresses")) {
        plan.addresses.push_back(text_of(address, "an address"));
    }
    return plan;
}

MachinePlan read_machine(const Value& table, const std::vector<std::string>& drivers) {
    MachinePlan plan;
    plan.computer =
        read_computer(table,
                      "[[machine]]",
                      {"drivers", "processors", "completion", "sends", "parameters", "faults"});
    plan.drivers = drivers;
    if (const Value* named = table.find("drivers")) {
        plan.drivers.clear();
        for (const Value& driver : list_of(*named, "drivers")) {
            require_driver(driver.line, text_of(driver, "a driver"), drivers);
            plan.drivers.push_back(driver.text);
        }
    }
    if (const Value* processors = table.find("processors")) {
        plan.processors = static_cast<unsigned>(whole_of(*processors, "processors", 1, 64));
    }
    if (const Value* completion = table.find("completion")) {
        plan.completion = read_completion(*completion);
    }
    if (const Value* sends = table.find("sends")) {
        plan.sends = read_sends(*sends);
    }
    if (const Value* parameters = table.find("parameters")) {
        plan.parameters = read_parameters(*parameters, plan.drivers);
    }
    if (const Value* faults = table.find("faults")) {
        plan.faults = read_faults(*faults);
    }
    return plan;
}

}  // namespace wskrun
