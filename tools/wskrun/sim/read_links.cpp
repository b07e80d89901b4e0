// SPDX-License-Identifier: MIT
// Rules, and between whom they hold.
#include "sim/read_links.h"

#include <algorithm>
#include <set>

#include "sim/section.h"

namespace wskrun {

namespace {

std::vector<std::string> keys_and_rules(std::vector<std::string> keys) {
    keys.insert(keys.end(),
                {"latency",
                 "jitter",
                 "loss",
                 "duplication",
                 "reordering",
                 "reordering_delay",
                 "bandwidth",
                 "mtu",
                 "path_mtu",
                 "down"});
    return keys;
}

std::uint64_t rate_of(const Value& value, const std::string& what) {
    const std::optional<std::uint64_t> rate =
        value.kind == Value::Kind::text ? parse_rate(value.text) : std::nullopt;
    if (!rate || *rate == 0) {
        refuse_kind(value, what, rates_allowed);
    }
    return *rate;
}

void read_rule(const Member& member, LinkChanges& changes) {
    const std::string& name = member.name;
    const Value& value = member.value;
    if (name == "latency") {
        changes.latency = duration_of(value, name);
    } else if (name == "jitter") {
        changes.jitter = duration_of(value, name);
    } else if (name == "loss") {
        changes.loss = share_of(value, name);
    } else if (name == "duplication") {
        changes.duplication = share_of(value, name);
    } else if (name == "reordering") {
        changes.reordering = share_of(value, name);
    } else if (name == "reordering_delay") {
        changes.reordering_delay = duration_of(value, name);
    } else if (name == "bandwidth") {
        changes.bandwidth = rate_of(value, name);
    } else if (name == "mtu") {
        changes.mtu = static_cast<std::size_t>(whole_of(value, name, owsk::mtu_min, owsk::mtu_max));
    } else if (name == "path_mtu") {
        changes.path_mtu =
            static_cast<std::size_t>(whole_of(value, name, owsk::path_mtu_min, owsk::mtu_max));
    } else if (name == "down") {
        changes.down = truth_of(value, name);
    }
}

// Each rule by itself, so that the line is that of the impossible one.
LinkChanges read_rules(const Value& table, owsk::LinkRules base) {
    LinkChanges changes;
    for (const Member& member : table.members) {
        read_rule(member, changes);
        changes.apply(base);
        const std::string impossible = owsk::why_impossible(base);
        if (!impossible.empty()) {
            throw ScenarioError(member.line, impossible);
        }
    }
    return changes;
}

void add_both(std::vector<Direction>& directions, const std::string& a, const std::string& b) {
    directions.emplace_back(a, b);
    directions.emplace_back(b, a);
}

std::vector<Direction> read_between(const Value& between, const Names& names) {
    const std::vector<Value>& items = list_of(between, "between");
    if (items.size() != 2) {
        throw ScenarioError(between.line,
                            "between names " + std::to_string(items.size()) +
                                " computers; expected two, such as [\"laptop\", \"server\"]");
    }
    const std::string& a = names.require(items[0], "between");
    const std::string& b = names.require(items[1], "between");
    if (a == b) {
        throw ScenarioError(between.line, "between: a computer has no link to itself");
    }
    std::vector<Direction> directions;
    add_both(directions, a, b);
    return directions;
}

std::vector<Direction> everybody(const Names& names) {
    std::vector<Direction> directions;
    for (const std::string& from : names.all()) {
        for (const std::string& to : names.all()) {
            if (from != to) {
                directions.emplace_back(from, to);
            }
        }
    }
    return directions;
}

// "between", or "from" and "to"; one of these alone: with everybody. None: nothing.
std::vector<Direction> read_directions(const Section& section, const Names& names) {
    if (const Value* between = section.find("between")) {
        if (section.has("from") || section.has("to")) {
            throw ScenarioError(between->line,
                                "between is for both directions, from and to are for one; use "
                                "either the first or the others");
        }
        return read_between(*between, names);
    }
    const Value* const from = section.find("from");
    const Value* const to = section.find("to");
    if (from == nullptr && to == nullptr) {
        return {};
    }
    const std::string only_from = from == nullptr ? "" : names.require(*from, "from");
    const std::string only_to = to == nullptr ? "" : names.require(*to, "to");
    if (only_from == only_to) {
        throw ScenarioError(from->line, "from and to: a computer has no link to itself");
    }
    std::vector<Direction> directions = everybody(names);
    std::erase_if(directions, [&](const Direction& direction) {
        return (from != nullptr && direction.first != only_from) ||
               (to != nullptr && direction.second != only_to);
    });
    return directions;
}

// The links between computers of different groups; who is in none can reach all.
std::vector<Direction> read_partition(const Value& partition, const Names& names) {
    std::vector<std::vector<std::string>> groups;
    std::set<std::string> seen;
    for (const Value& group : list_of(partition, "partition")) {
        groups.emplace_back();
        for (const Value& item : list_of(group, "a group of partition")) {
            const std::string& name = names.require(item, "partition");
            if (!seen.insert(name).second) {
                throw ScenarioError(item.line, "partition: " + name + " is in two groups");
            }
            groups.back().push_back(name);
        }
    }
    if (groups.size() < 2) {
        throw ScenarioError(partition.line,
                            "partition has " + std::to_string(groups.size()) +
                                " groups; expected two or more, such as [[\"laptop\"], "
                                "[\"server\"]]");
    }
    std::vector<Direction> directions;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        for (std::size_t j = i + 1; j < groups.size(); ++j) {
            for (const std::string& a : groups[i]) {
                for (const std::string& b : groups[j]) {
                    add_both(directions, a, b);
                }
            }
        }
    }
    return directions;
}

}  // namespace

void LinkChanges::apply(owsk::LinkRules& rules) const {
    rules.latency = latency.value_or(rules.latency);
    rules.jitter = jitter.value_or(rules.jitter);
    rules.loss = loss.value_or(rules.loss);
    rules.duplication = duplication.value_or(rules.duplication);
    rules.reordering = reordering.value_or(rules.reordering);
    rules.reordering_delay = reordering_delay.value_or(rules.reordering_delay);
    rules.bandwidth = bandwidth.value_or(rules.bandwidth);
    rules.mtu = mtu.value_or(rules.mtu);
    rules.path_mtu = path_mtu.value_or(rules.path_mtu);
    rules.down = down.value_or(rules.down);
}

void read_all_links(const Value& table, owsk::LinkRules& rules) {
    const Section section(table, "[links]", keys_and_rules({}));
    read_rules(table, rules).apply(rules);
}

LinkPlan read_link(const Value& table, const Names& names, const owsk::LinkRules& base) {
    const Section section(table, "[[link]]", keys_and_rules({"between", "from", "to"}));
    LinkPlan plan{.directions = read_directions(section, names),
                  .changes = read_rules(table, base)};
    if (plan.directions.empty()) {
        throw ScenarioError(section.line(),
                            "[[link]] needs the key \"between\", or \"from\" and \"to\"; [links] "
                            "is for all of them");
    }
    return plan;
}

LinkPlan read_change(const Value& table, const Names& names, const owsk::LinkRules& base) {
    const Section section(
        table, "[[change]]", keys_and_rules({"at", "for", "partition", "between", "from", "to"}));
    LinkPlan plan{.directions = read_directions(section, names),
                  .changes = read_rules(table, base),
                  .at = duration_of(section.require("at"), "at"),
                  .lasts = section.duration("for")};
    if (const Value* partition = section.find("partition")) {
        if (!plan.directions.empty()) {
            throw ScenarioError(partition->line,
                                "partition names its computers itself; leave out between, from "
                                "and to");
        }
        plan.directions = read_partition(*partition, names);
        plan.changes.down = plan.changes.down.value_or(true);
    } else if (plan.directions.empty()) {
        plan.directions = everybody(names);
    }
    return plan;
}

}  // namespace wskrun
