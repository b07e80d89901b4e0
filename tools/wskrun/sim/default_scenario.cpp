// SPDX-License-Identifier: MIT
// Nobody knows what the drivers say, so these clients talk and expect nothing.
#include "sim/default_scenario.h"

#include <algorithm>

#include "sim/names.h"

namespace wskrun {

namespace {

constexpr const char* server_ipv4 = "192.0.2.1";
constexpr const char* server_ipv6 = "2001:db8::1";

Step send(std::string text) {
    return {.verb = Verb::send, .text = std::move(text)};
}

Step wait(std::uint64_t milliseconds) {
    return {.verb = Verb::wait, .time = std::chrono::milliseconds(milliseconds)};
}

Step just(Verb verb) {
    return {.verb = verb};
}

bool is_loopback(const owsk::Address& address) {
    if (address.family == owsk::Family::ipv4) {
        return address.ip[0] == 127;
    }
    std::array<std::uint8_t, 16> loopback = {};
    loopback[15] = 1;
    return address.ip == loopback;
}

// A conversation that ends in one of three ways.
std::vector<Step> steps_of(unsigned kind,
                           const std::function<std::uint64_t(std::uint64_t)>& choose) {
    switch (kind) {
        case 0:
            return {send("hello\r\n"),
                    wait(20 + choose(100)),
                    just(Verb::finish),
                    wait(1000),
                    just(Verb::close)};
        case 1:
            return {send("one\r\n"),
                    wait(choose(10)),
                    send("two\r\n"),
                    wait(choose(10)),
                    send(std::string(1000 + choose(20'000), 'x') + "\r\n"),
                    wait(1000),
                    just(Verb::close)};
        default:
            return {send("and now I am gone\r\n"), wait(choose(20)), just(Verb::reset)};
    }
}

}  // namespace

Scenario default_scenario(const std::vector<std::string>& drivers) {
    Scenario scenario;
    scenario.link.latency = std::chrono::milliseconds(1);
    scenario.machines.push_back(
        {.computer = {.name = "server", .addresses = {server_ipv4, server_ipv6}},
         .drivers = drivers});
    scenario.computers.push_back({.name = "laptop", .addresses = {"192.0.2.2", "2001:db8::2"}});
    scenario.computers.push_back({.name = "phone", .addresses = {"192.0.2.3", "2001:db8::3"}});
    return scenario;
}

std::vector<ClientPlan> default_clients(const std::vector<owsk::Address>& listeners,
                                        unsigned& count,
                                        const std::function<std::uint64_t(std::uint64_t)>& choose) {
    std::vector<ClientPlan> clients;
    for (const owsk::Address& listener : listeners) {
        const char* const everywhere =
            listener.family == owsk::Family::ipv4 ? server_ipv4 : server_ipv6;
        for (unsigned kind = 0; kind < 3; ++kind) {
            ClientPlan client;
            client.name = std::to_string(++count);
            // Nobody else reaches an address of the server's own.
            client.computer = is_loopback(listener) ? "server" : kind == 0 ? "phone" : "laptop";
            client.at = std::chrono::milliseconds(choose(50));
            client.to_ip = listener.is_wildcard() ? everywhere : ip_of(listener);
            client.to_port = listener.port;
            client.steps = steps_of(kind, choose);
            clients.push_back(std::move(client));
        }
    }
    return clients;
}

}  // namespace wskrun
