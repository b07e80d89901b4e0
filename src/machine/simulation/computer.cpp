// SPDX-License-Identifier: MIT
// A computer of the simulation, and the machine on it.
#include <openwsk/simulation.h>

#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/status_name.h"
#include "host/sim/sim_host.h"
#include "machine/platform.h"
#include "machine/simulation/checked.h"
#include "machine/simulation/parts.h"
#include "net/sim/sim_network.h"
#include "nt/ke/bug_check.h"

namespace owsk {

namespace {

// A report without the line that replays it is worth little.
std::function<void(const BugCheck&)> with_replay(std::function<void(const BugCheck&)> handler,
                                                 std::string replay) {
    return [handler = std::move(handler), replay = std::move(replay)](const BugCheck& check) {
        BugCheck whole = check;
        whole.text += (whole.text.ends_with('\n') ? "replay: " : "\nreplay: ") + replay + "\n";
        if (handler) {
            handler(whole);
        } else {
            std::fputs(whole.text.c_str(), stderr);
        }
        nt::ke::end_process_after(whole);
    };
}

}  // namespace

Platform simulated_platform(Computer& computer, const MachineOptions& options) {
    Computer::Parts& parts = *computer.parts_;
    auto host = std::make_unique<host::SimHost>(parts.world, computer.name(), options.processors);
    auto network = std::make_unique<net::SimNetwork>(parts.node, options.limits, host.get());
    return {std::move(host), std::move(network)};
}

Computer::Computer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Computer::~Computer() = default;

const std::string& Computer::name() const {
    return parts_->node.name();
}

void Computer::add_address(const std::string& ip) {
    Parts& parts = *parts_;
    const Address address = require_address(ip);
    const net::Computer* const owner = parts.node.internet().find(address);
    if (owner != nullptr || address.is_wildcard() || net::is_loopback(address)) {
        throw std::invalid_argument(
            ip + (owner != nullptr ? " is an address of computer " + owner->name() + " already"
                                   : " means each computer itself"));
    }
    parts.node.add_address(address);
}

void Computer::remove_address(const std::string& ip) {
    Parts& parts = *parts_;
    const Address address = require_address(ip);
    if (parts.node.internet().find(address) != &parts.node) {
        throw std::invalid_argument(ip + " is not an address of computer " + name());
    }
    parts.node.remove_address(address);
}

Machine& Computer::start_machine(MachineOptions options) {
    Parts& parts = *parts_;
    if (parts.machine != nullptr) {
        throw std::logic_error("computer " + name() + " has a machine already");
    }
    if (options.seed == 0) {
        options.seed = parts.world.stream("machine " + name()).next();
    }
    options.on_bug_check = with_replay(std::move(options.on_bug_check), parts.simulation.replay());
    Platform platform = simulated_platform(*this, options);
    parts.machine.reset(new Machine(std::move(options), std::move(platform)));
    return *parts.machine;
}

Machine& Computer::machine() {
    if (parts_->machine == nullptr) {
        throw std::logic_error("computer " + name() + " has no machine; start_machine() makes one");
    }
    return *parts_->machine;
}

Client Computer::connect(const std::string& ip, std::uint16_t port, const ConnectOptions& options) {
    Address to = require_address(ip);
    to.port = port;
    std::optional<Address> from;
    if (!options.from_ip.empty() || options.from_port != 0) {
        from = options.from_ip.empty() ? Address{.family = to.family}
                                       : require_address(options.from_ip);
        from->port = options.from_port;
    }
    Client client;
    client.parts_ =
        std::make_shared<Client::Parts>(std::make_unique<net::TcpEndpoint>(parts_->node));
    if (options.receive_buffer != 0) {
        client.parts_->endpoint.set_options(
            {.receive_buffer = static_cast<std::uint32_t>(options.receive_buffer)});
    }
    const NTSTATUS status = client.parts_->endpoint.connect(to, from);
    if (status != 0) {
        throw std::invalid_argument("computer " + name() + " cannot connect to " + to_string(to) +
                                    (from ? " from " + to_string(*from) : "") + ": " +
                                    status_name(status));
    }
    return client;
}

Server Computer::listen(const std::string& ip, std::uint16_t port, const ListenOptions& options) {
    Address at = require_address(ip);
    at.port = port;
    Server server;
    server.parts_ = std::make_shared<Server::Parts>(parts_->node);
    if (options.receive_buffer != 0) {
        server.parts_->server.set_options(
            {.receive_buffer = static_cast<std::uint32_t>(options.receive_buffer)});
    }
    const NTSTATUS status = server.parts_->server.listen(at);
    if (status != 0) {
        throw std::invalid_argument("computer " + name() + " cannot listen on " + to_string(at) +
                                    ": " + status_name(status));
    }
    server.parts_->server.refuse_next(options.refuse);
    return server;
}

DatagramPeer Computer::open_datagrams(const std::string& ip, std::uint16_t port) {
    Address at = require_address(ip);
    at.port = port;
    DatagramPeer peer;
    peer.parts_ = std::make_shared<DatagramPeer::Parts>(parts_->node);
    const NTSTATUS status = peer.parts_->endpoint.bind(at);
    if (status != 0) {
        throw std::invalid_argument("computer " + name() + " cannot open UDP port " +
                                    to_string(at) + ": " + status_name(status));
    }
    return peer;
}

}  // namespace owsk
