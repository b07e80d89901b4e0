// SPDX-License-Identifier: MIT
// Who is on the network.
#include "sim/names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "sim/section.h"

namespace wskrun {

namespace {

constexpr const char* endpoints_allowed =
    "an address or the name of a computer, and a port from 1 to 65535, such as \"192.0.2.1:7\", "
    "\"[2001:db8::1]:7\" or \"server:7\"";

// The address as everybody writes it; empty: it is none.
std::string canonical(const std::string& text) {
    in6_addr binary = {};
    char shown[INET6_ADDRSTRLEN] = {};
    for (const int family : {AF_INET, AF_INET6}) {
        if (inet_pton(family, text.c_str(), &binary) == 1) {
            return inet_ntop(family, &binary, shown, sizeof shown);
        }
    }
    return {};
}

// Which every computer has.
bool is_loopback(const std::string& ip) {
    const std::string shown = canonical(ip);
    return shown == "::1" || (!is_ipv6(shown) && shown.starts_with("127."));
}

}  // namespace

bool is_ip(const std::string& text) noexcept {
    return !canonical(text).empty();
}

bool is_ipv6(const std::string& ip) noexcept {
    return ip.find(':') != std::string::npos;
}

std::string ip_of(const owsk::Address& address) {
    owsk::Address without_port = address;
    without_port.port = 0;
    std::string text = to_string(without_port);
    text.resize(text.rfind(':'));
    return text.starts_with('[') ? text.substr(1, text.size() - 2) : text;
}

std::string to_string(const Endpoint& endpoint) {
    const std::string shown = canonical(endpoint.ip);
    return (is_ipv6(shown) ? '[' + shown + ']' : shown) + ':' + std::to_string(endpoint.port);
}

bool is_wildcard(const std::string& ip) noexcept {
    const std::string shown = canonical(ip);
    return shown == "0.0.0.0" || shown == "::";
}

void Names::add(const ComputerPlan& computer) {
    if (computer.name.empty() || computer.name.find(':') != std::string::npos) {
        throw ScenarioError(computer.line,
                            "name is " + show_bytes(computer.name) +
                                "; expected a text with at least one letter and without \":\"");
    }
    if (std::find(names_.begin(), names_.end(), computer.name) != names_.end()) {
        throw ScenarioError(
            computer.line,
            "two computers are named " + computer.name + "; each needs a name of its own");
    }
    names_.push_back(computer.name);
    for (const std::string& address : computer.addresses) {
        const std::string shown = canonical(address);
        if (shown.empty() || is_loopback(shown) || is_wildcard(shown)) {
            throw ScenarioError(
                computer.line,
                '"' + address +
                    "\" cannot be the address of a computer; expected an "
                    "IPv4 or IPv6 address such as \"192.0.2.1\" or \"2001:db8::1\", "
                    "and none that means itself or all");
        }
        const auto [at, is_new] = owner_.try_emplace(shown, computer.name);
        if (!is_new) {
            throw ScenarioError(computer.line,
                                "the address " + address + " is that of " + at->second +
                                    " already; each computer needs its own");
        }
    }
    if (computer.addresses.empty()) {
        throw ScenarioError(computer.line, computer.name + " needs at least one address");
    }
    addresses_[computer.name] = computer.addresses;
}

const std::string& Names::require(const Value& value, const std::string& what) const {
    const std::string& name = text_of(value, what);
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
        throw ScenarioError(
            value.line,
            what + ": no computer is named \"" + name + "\"; expected " + alternatives(names_));
    }
    return name;
}

void Names::require_tcp(const Value& value, const std::string& what) const {
    const std::string& name = require(value, what);
    if (std::find(bare_.begin(), bare_.end(), name) != bare_.end()) {
        throw ScenarioError(
            value.line,
            what + ": " + name + " is played by a script and cannot have clients or servers");
    }
}

void Names::require_owner(const Value& value,
                          const std::string& computer,
                          const std::string& ip) const {
    const auto owner = owner_.find(canonical(ip));
    if (!is_loopback(ip) && (owner == owner_.end() || owner->second != computer)) {
        throw ScenarioError(value.line,
                            ip + " is not an address of " + computer + "; it has " +
                                alternatives(addresses_.at(computer)));
    }
}

void Names::require_way(const Value& value,
                        const std::string& computer,
                        const std::string& ip) const {
    bool found = is_loopback(ip);
    for (const std::string& address : addresses_.at(computer)) {
        found = found || is_ipv6(address) == is_ipv6(ip);
    }
    if (!found) {
        throw ScenarioError(value.line,
                            computer + " cannot reach " + ip + " without an " +
                                (is_ipv6(ip) ? "IPv6" : "IPv4") + " address of its own; it has " +
                                alternatives(addresses_.at(computer)));
    }
}

std::vector<std::string> Names::wildcards_of(const std::string& computer) const {
    const std::vector<std::string>& addresses = addresses_.at(computer);
    std::vector<std::string> wildcards;
    if (!std::all_of(addresses.begin(), addresses.end(), is_ipv6)) {
        wildcards.emplace_back("0.0.0.0");
    }
    if (std::any_of(addresses.begin(), addresses.end(), is_ipv6)) {
        wildcards.emplace_back("::");
    }
    return wildcards;
}

Endpoint Names::endpoint_of(const Value& value, const std::string& what) const {
    const std::string& text = text_of(value, what);
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        refuse_kind(value, what, endpoints_allowed);
    }
    Endpoint endpoint{.ip = text.substr(0, colon)};
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + colon + 1, last, endpoint.port);
    if (error != std::errc() || end != last || endpoint.port == 0) {
        refuse_kind(value, what, endpoints_allowed);
    }
    if (endpoint.ip.starts_with('[') && endpoint.ip.ends_with(']')) {
        endpoint.ip = endpoint.ip.substr(1, endpoint.ip.size() - 2);
    } else if (const auto named = addresses_.find(endpoint.ip); named != addresses_.end()) {
        endpoint.ip = named->second.front();
    } else if (endpoint.ip.find(':') != std::string::npos) {
        refuse_kind(value, what, endpoints_allowed);  // IPv6 without brackets: where is the port?
    }
    if (!is_ip(endpoint.ip)) {
        refuse_kind(value, what, endpoints_allowed);
    }
    return endpoint;
}

}  // namespace wskrun
