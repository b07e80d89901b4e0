// SPDX-License-Identifier: MIT
// A few names out of IANA's registry.
#include "net/services.h"

namespace owsk::net {

namespace {

struct Service {
    std::string_view name;
    ServicePorts ports;
};

constexpr Service services[] = {
    {"echo", {7, 7}},      {"discard", {9, 9}},  {"ftp", {21, 0}},       {"ssh", {22, 0}},
    {"telnet", {23, 0}},   {"smtp", {25, 0}},    {"time", {37, 37}},     {"domain", {53, 53}},
    {"tftp", {0, 69}},     {"http", {80, 0}},    {"kerberos", {88, 88}}, {"pop3", {110, 0}},
    {"ntp", {0, 123}},     {"imap", {143, 0}},   {"snmp", {0, 161}},     {"ldap", {389, 0}},
    {"https", {443, 443}}, {"syslog", {0, 514}}, {"imaps", {993, 0}},    {"pop3s", {995, 0}},
};

}  // namespace

ServicePorts well_known_ports(std::string_view service) noexcept {
    for (const Service& known : services) {
        if (known.name == service) {
            return known.ports;
        }
    }
    return {};
}

std::string_view well_known_service(std::uint16_t port, bool datagram) noexcept {
    for (const Service& known : services) {
        if (port != 0 && port == (datagram ? known.ports.datagram : known.ports.stream)) {
            return known.name;
        }
    }
    return {};
}

}  // namespace owsk::net
