// SPDX-License-Identifier: MIT
// A line with a complaint is passed over, so that all complaints come at once.
#include "net/script/read_script.h"

#include "base/address_text.h"
#include "net/script/line_reader.h"
#include "net/script/read_step.h"

namespace owsk::net::script {

namespace {

constexpr std::string_view address_help =
    "an IP address and a port from 1 to 65535, like 192.0.2.1:7 or [2001:db8::1]:7";
constexpr std::string_view place_help = "a port like :7, or an IP address with one, 192.0.2.1:7";

class ScriptReader {
  public:
    // Reads one line; what is wrong with it is a Complaint.
    void read(LineReader& line, int number);
    PeerScript take() && { return std::move(script_); }

  private:
    void read_talk(LineReader& line, Protocol protocol);
    std::optional<std::size_t> find(std::string_view name) const;
    std::size_t find_for_step(std::string_view name) const;

    PeerScript script_;
    ScriptNames names_;
};

Address read_address(LineReader& line, std::string_view what) {
    const std::string found = line.found();
    const std::optional<Address> address = address_from_text(line.token());
    if (!address || address->port == 0) {
        throw Complaint{"\"" + std::string(what) + "\" needs " + std::string(address_help) +
                        ", but " + found};
    }
    return *address;
}

void read_place(LineReader& line, std::string_view what, Talk& talk) {
    const std::string found = line.found();
    const std::string_view token = line.token();
    const bool port_alone = token.starts_with(':');
    const std::optional<Address> address = port_alone ? std::nullopt : address_from_text(token);
    talk.local_port = port_alone ? port_from_text(token.substr(1)) : std::nullopt;
    if (address) {
        talk.local_port = address->port;
        talk.local_ip = address;
        talk.local_ip->port = 0;
    }
    if (talk.local_port.value_or(0) == 0) {
        throw Complaint{"\"" + std::string(what) + "\" needs " + std::string(place_help) +
                        ", but " + found};
    }
}

void read_places(LineReader& line, Talk& talk) {
    if (line.take_word("at")) {
        read_place(line, "at", talk);
        return;
    }
    if (line.take_word("from")) {
        read_place(line, "from", talk);
    }
    if (!line.take_word("to")) {
        throw Complaint{"behind the name stands \"to\" and an address, or \"at\" and a port, but " +
                        line.found()};
    }
    talk.remote = read_address(line, "to");
    if (talk.local_ip && talk.local_ip->family != talk.remote->family) {
        throw Complaint{"one address is IPv4 and the other IPv6; take two of one kind"};
    }
}

std::optional<std::size_t> ScriptReader::find(std::string_view name) const {
    for (std::size_t i = 0; i < script_.talks().size(); ++i) {
        if (script_.talks()[i].name == name) {
            return i;
        }
    }
    return {};
}

std::size_t ScriptReader::find_for_step(std::string_view name) const {
    if (const std::optional<std::size_t> talk = find(name)) {
        return *talk;
    }
    std::vector<std::string> talks;
    for (const Talk& talk : script_.talks()) {
        talks.push_back(talk.name);
    }
    throw Complaint{"there is no connection \"" + std::string(name) +
                    "\"; so far: " + list_text(talks)};
}

void ScriptReader::read_talk(LineReader& line, Protocol protocol) {
    if (!script_.steps().empty()) {
        throw Complaint{"connections and datagrams come before all steps; move the line up"};
    }
    Talk talk{.name = {}, .protocol = protocol};
    const std::string found = line.found();
    talk.name = line.word();
    if (talk.name.empty() || talk.name.find('.') != std::string::npos) {
        throw Complaint{
            "a name of letters, digits and \"_\" comes first, like in \"connection a "
            "to 192.0.2.1:7\", but " +
            found};
    }
    if (find(talk.name)) {
        throw Complaint{"there is a " + talk.name + " already; take another name"};
    }
    read_places(line, talk);
    if (protocol == Protocol::tcp && line.take_word("iss")) {
        talk.initial_sequence = static_cast<std::uint32_t>(line.number("iss", 0xffffffff));
    }
    if (!line.at_end()) {
        throw Complaint{line.next_quoted() + " is too much; " +
                        (protocol == Protocol::tcp ? "behind the addresses may stand \"iss\" and "
                                                     "the initial sequence number"
                                                   : "nothing stands behind the addresses")};
    }
    script_.add(std::move(talk));
    names_.labels.emplace_back();
    names_.has_sent.push_back(false);
}

void ScriptReader::read(LineReader& line, int number) {
    if (line.at_end()) {
        return;
    }
    LineReader ahead = line;
    const std::string_view first = ahead.word();
    if (!first.empty() && ahead.take(":")) {
        line = ahead;
        Step step = read_step(line, find_for_step(first), script_, names_);
        step.line = number;
        script_.add(std::move(step));
        return;
    }
    if (first == "connection" || first == "datagrams") {
        line = ahead;
        read_talk(line, first == "connection" ? Protocol::tcp : Protocol::udp);
        return;
    }
    Step step = read_step(line, {}, script_, names_);
    step.line = number;
    script_.add(std::move(step));
}

}  // namespace

std::string to_string(const std::vector<ScriptError>& errors) {
    std::string text;
    for (const ScriptError& error : errors) {
        text += "line " + std::to_string(error.line) + ": " + error.message + '\n';
    }
    return text;
}

ReadScript read_script(std::string_view text) {
    ScriptReader reader;
    std::vector<ScriptError> errors;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        LineReader line(text.substr(0, end));
        try {
            reader.read(line, number);
        } catch (const Complaint& complaint) {
            errors.push_back({.line = number, .message = complaint.message});
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return {.script = std::move(reader).take(), .errors = std::move(errors)};
}

}  // namespace owsk::net::script
