// SPDX-License-Identifier: MIT
// From the whole file to a Scenario.
#include "sim/scenario_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "sim/document.h"
#include "sim/names.h"
#include "sim/read_client.h"
#include "sim/read_datagrams.h"
#include "sim/read_links.h"
#include "sim/read_machine.h"
#include "sim/read_names.h"
#include "sim/read_server.h"
#include "sim/section.h"

namespace wskrun {

namespace {

// Throws std::invalid_argument.
std::string contents_of(const std::string& path) {
    errno = 0;
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream || std::filesystem::is_directory(path)) {
        throw std::invalid_argument("cannot read " + path + ": " +
                                    std::strerror(errno == 0 ? EISDIR : errno));
    }
    return text.str();
}

// One that never runs: its text is only read.
void require_readable(const ScriptPlan& script) {
    owsk::Simulation simulation;
    try {
        simulation.add_script(script.computer.name, script.computer.addresses, script.text);
    } catch (const std::invalid_argument& error) {
        throw ScenarioError(script.computer.line,
                            "script of " + script.computer.name + ": " + error.what());
    }
}

const std::vector<Value> nothing;

// The [[tables]] of one kind.
const std::vector<Value>& tables(const Section& top, const char* key) {
    const Value* const value = top.find(key);
    if (value == nullptr) {
        return nothing;
    }
    if (value->kind != Value::Kind::list) {
        const std::string allowed =
            "one or more tables that begin with [[" + std::string(key) + "]]";
        refuse_kind(*value, key, allowed.c_str());
    }
    return value->items;
}

class Loader {
  public:
    Loader(const std::string& path, const std::vector<std::string>& drivers)
        : path_(path), drivers_(drivers) {}

    Scenario load(const Value& document) {
        const Section top(document,
                          "a scenario",
                          {"seed",
                           "schedule",
                           "capture",
                           "end",
                           "unload_at",
                           "links",
                           "link",
                           "change",
                           "name",
                           "computer",
                           "machine",
                           "script",
                           "client",
                           "server",
                           "datagrams"});
        scenario_.file = path_;
        read_run(top);
        read_computers(top);
        if (const Value* links = top.find("links")) {
            read_all_links(*links, scenario_.link);
        }
        for (const Value& table : tables(top, "link")) {
            scenario_.links.push_back(read_link(table, names_, scenario_.link));
        }
        for (const Value& table : tables(top, "change")) {
            scenario_.links.push_back(read_change(table, names_, scenario_.link));
        }
        for (const Value& table : tables(top, "name")) {
            scenario_.names.push_back(read_name(table));
        }
        for (const Value& table : tables(top, "client")) {
            scenario_.clients.push_back(read_client(table, names_, scenario_.clients.size() + 1));
        }
        for (const Value& table : tables(top, "server")) {
            scenario_.servers.push_back(read_server(table, names_, scenario_.servers.size() + 1));
        }
        for (const Value& table : tables(top, "datagrams")) {
            scenario_.datagrams.push_back(
                read_datagrams(table, names_, scenario_.datagrams.size() + 1));
        }
        return std::move(scenario_);
    }

  private:
    void read_run(const Section& top) {
        if (const auto seed = top.whole("seed", 0, std::numeric_limits<std::int64_t>::max())) {
            scenario_.seed = static_cast<std::uint64_t>(*seed);
        }
        if (const Value* schedule = top.find("schedule")) {
            const std::string name =
                one_of(*schedule, "schedule", {"by seed", "random", "priorities"});
            scenario_.schedule = name == "by seed"  ? owsk::Schedule::by_seed
                                 : name == "random" ? owsk::Schedule::random
                                                    : owsk::Schedule::priorities;
        }
        scenario_.capture = top.text("capture").value_or("");
        scenario_.unload_at = top.duration("unload_at");
        const Value* const end = top.find("end");
        if (end != nullptr && (end->kind != Value::Kind::text || end->text != "when done")) {
            scenario_.end =
                end->kind == Value::Kind::text ? parse_duration(end->text) : std::nullopt;
            if (!scenario_.end) {
                const std::string allowed = "\"when done\", or " + std::string(durations_allowed);
                refuse_kind(*end, "end", allowed.c_str());
            }
        }
    }

    void read_computers(const Section& top) {
        for (const Value& table : tables(top, "machine")) {
            scenario_.machines.push_back(read_machine(table, drivers_));
            names_.add(scenario_.machines.back().computer);
        }
        if (scenario_.machines.empty()) {
            throw ScenarioError(1,
                                "a scenario needs a [[machine]], with a name and addresses, that "
                                "runs the drivers");
        }
        for (const Value& table : tables(top, "computer")) {
            scenario_.computers.push_back(read_computer(table, "[[computer]]", {}));
            names_.add(scenario_.computers.back());
        }
        for (const Value& table : tables(top, "script")) {
            scenario_.scripts.push_back(read_script(table));
        }
    }

    ScriptPlan read_script(const Value& table) {
        ScriptPlan script{.computer = read_computer(table, "[[script]]", {"text", "file"})};
        const Value* const text = table.find("text");
        const Value* const file = table.find("file");
        if ((text == nullptr) == (file == nullptr)) {
            throw ScenarioError(table.line,
                                "[[script]] needs the key \"text\" or the key \"file\", and not "
                                "both");
        }
        script.text = text != nullptr ? text_of(*text, "text") : script_file(*file);
        names_.add(script.computer);
        names_.set_bare(script.computer.name);
        require_readable(script);
        return script;
    }

    // Beside the scenario.
    std::string script_file(const Value& file) const {
        const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
        try {
            return contents_of((folder / text_of(file, "file")).string());
        } catch (const std::invalid_argument& error) {
            throw ScenarioError(file.line, error.what());
        }
    }

    const std::string& path_;
    const std::vector<std::string>& drivers_;
    Names names_;
    Scenario scenario_;
};

}  // namespace

Scenario load_scenario(const std::string& path, const std::vector<std::string>& drivers) {
    const std::string text = contents_of(path);
    try {
        return Loader(path, drivers).load(parse_document(text));
    } catch (const ScenarioError& error) {
        throw std::invalid_argument(path + ':' + std::to_string(error.line) + ": " + error.what());
    }
}

}  // namespace wskrun
