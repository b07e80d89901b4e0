// SPDX-License-Identifier: MIT
// What stands behind the public objects of a simulation.
#pragma once

#include <openwsk/simulation.h>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/sim/world.h"
#include "net/capture/capture.h"
#include "net/script/scripted_peer.h"
#include "net/sim/computer.h"
#include "net/sim/internet.h"
#include "net/sim/tcp_endpoint.h"
#include "net/sim/tcp_server.h"
#include "net/sim/udp_endpoint.h"

namespace owsk {

struct Client::Parts {
    explicit Parts(std::unique_ptr<net::TcpEndpoint> its_end)
        : owned(std::move(its_end)), endpoint(*owned) {}

    const std::unique_ptr<net::TcpEndpoint> owned;
    net::TcpEndpoint& endpoint;
    bool closed = false;
};

struct Server::Parts {
    explicit Parts(net::Computer& computer) : server(computer) {}

    net::TcpServer server;
};

struct DatagramPeer::Parts final : private net::UdpEndpointWatcher {
    explicit Parts(net::Computer& computer) : endpoint(computer) { endpoint.set_watcher(this); }

    net::UdpEndpoint endpoint;
    std::vector<Datagram> received;

  private:
    void on_datagram(net::UdpEndpoint&) noexcept override {
        net::UdpDatagram datagram = endpoint.receive();
        received.push_back({datagram.source, std::move(datagram.payload)});
    }
};

struct Computer::Parts {
    Parts(Simulation& owner,
          host::World& its_world,
          net::Internet& internet,
          const std::string& name,
          const std::vector<Address>& addresses)
        : simulation(owner), world(its_world), node(internet, name, addresses) {}

    Simulation& simulation;
    host::World& world;
    net::Computer node;
    std::unique_ptr<Machine> machine;
};

struct Script::Parts {
    Parts(net::Internet& internet,
          const std::string& name,
          const std::vector<Address>& addresses,
          net::script::PeerScript script)
        : node(internet, name, addresses), peer(node, std::move(script), internet.split_random()) {}

    net::Computer node;
    net::script::ScriptedPeer peer;
};

struct SimulatedThread::Parts {
    std::unique_ptr<host::Thread> thread;
};

// In the order in which they are built.
struct Simulation::Parts {
    explicit Parts(SimulationOptions given);

    Instant instant(std::chrono::nanoseconds since_start) const { return start + since_start; }
    net::Computer& node(const std::string& name);
    // Throws std::invalid_argument if something on the network is named so already.
    void require_new_name(const std::string& name) const;
    // The same for addresses that cannot be those of another computer.
    std::vector<Address> require_addresses(const std::string& name,
                                           const std::vector<std::string>& texts) const;
    // Lets the world go on up to `end`, or until the condition holds, and runs what is due on this
    // thread.
    bool run(const std::function<bool()>& condition, Instant end);

    const SimulationOptions options;
    host::World world;
    const Instant start = world.now();
    Prng choices = world.stream("choices");
    net::Internet internet;
    std::ofstream capture_file;
    std::optional<net::Capture> capture;
    std::multimap<Instant, std::function<void()>> actions;
    std::map<std::string, net::Computer*> nodes;
    std::vector<std::unique_ptr<Computer>> computers;
    std::vector<std::unique_ptr<Script>> scripts;
};

}  // namespace owsk
