// SPDX-License-Identifier: MIT
// Names: the computers of a scenario, and the addresses that they have.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/document.h"
#include "sim/scenario.h"

namespace wskrun {

class Names {
  public:
    // Throws ScenarioError for a name or an address that another computer has, or that is none.
    void add(const ComputerPlan& computer);

    // Those that have TCP and UDP are for clients and servers; scripts' computers are not.
    void set_bare(const std::string& name) { bare_.push_back(name); }

    const std::vector<std::string>& all() const noexcept { return names_; }
    // Throws ScenarioError if there is no such computer.
    const std::string& require(const Value& value, const std::string& what) const;
    void require_tcp(const Value& value, const std::string& what) const;

    // Throw ScenarioError if the computer cannot have the address as its own, or has none that
    // reaches `ip`.
    void require_owner(const Value& value,
                       const std::string& computer,
                       const std::string& ip) const;
    void require_way(const Value& value, const std::string& computer, const std::string& ip) const;

    // Precondition: it is the name of one.
    const std::vector<std::string>& addresses_of(const std::string& computer) const {
        return addresses_.at(computer);
    }
    // "0.0.0.0" and "::", as far as the computer has addresses of the family.
    std::vector<std::string> wildcards_of(const std::string& computer) const;

    // "192.0.2.1:7", "[2001:db8::1]:7" or "server:7". Throws ScenarioError.
    Endpoint endpoint_of(const Value& value, const std::string& what) const;

  private:
    std::vector<std::string> names_;
    std::vector<std::string> bare_;
    std::map<std::string, std::vector<std::string>> addresses_;  // by name
    std::map<std::string, std::string> owner_;                   // by address
};

// Whether it is an IPv4 or IPv6 address.
bool is_ip(const std::string& text) noexcept;
bool is_ipv6(const std::string& ip) noexcept;
// Whether it stands for all addresses of a computer.
bool is_wildcard(const std::string& ip) noexcept;
// Without its port.
std::string ip_of(const owsk::Address& address);
// As messages have it: "192.0.2.1:7", "[2001:db8::1]:7".
std::string to_string(const Endpoint& endpoint);

}  // namespace wskrun
